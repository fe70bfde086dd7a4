/* Where rows come from: packed into this page, or asked for from the review's server. */
const Source = (() => {
  const KEPT_BLOCKS = 8;

  async function unpacked(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  function fromBase64(text) {
    const raw = atob(text), bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  }

  async function served(name) {
    const answer = await fetch(name, { cache: "no-store" });
    if (!answer.ok) throw new Error(`the server said ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  async function bytesOf(name) {
    const inside = document.getElementById(name);
    return inside && inside.textContent ? fromBase64(inside.textContent) : served(name);
  }

  async function open() {
    const columns = await unpacked(await bytesOf("columns"));
    const blocks = new Map(), starts = columns.starts;

    function block(number) {
      const held = blocks.get(number) ?? bytesOf(`block-${number}`).then(unpacked);
      blocks.delete(number);
      blocks.set(number, held);
      if (blocks.size > KEPT_BLOCKS) blocks.delete(blocks.keys().next().value);
      return held;
    }

    function blockOf(row) {
      let low = 0, high = starts.length - 1;
      while (low < high) {
        const half = (low + high + 1) >> 1;
        if (starts[half] <= row) low = half; else high = half - 1;
      }
      return low;
    }

    async function row(number) {
      const place = blockOf(number);
      return (await block(place))[number - starts[place]];
    }

    return { columns, block, blockOf, row, count: columns.index.length };
  }

  return { open };
})();
