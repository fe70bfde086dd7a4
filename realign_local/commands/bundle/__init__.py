"""One archive with all that an air-gapped machine needs: made here, verified and unpacked there."""
