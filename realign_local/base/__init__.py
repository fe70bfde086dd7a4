"""What every room stands on: errors, reasons, records, settings, and what lies on this machine."""
