// A part of the build (rolldown.config.js): iced-x86's WebAssembly, made to start fast. To make an instance takes as
// long as there are exports (760: 5 ms), and the first instruction that is decoded or written waits for tables of all
// instructions to be unpacked (7 ms each). So it is used once here, and its memory as it is then becomes a file that is
// read into that of each instance; and it has only the exports that the script calls.

/** Numbers of sections, of the WebAssembly core specification (5.5.2). */
const memorySection = 5;
const exportSection = 7;
const dataSection = 11;
const pageSize = 65_536;
/** What Rust's linker leaves for the stack, below all data. Nothing on it matters when no function runs. */
const stackSize = 2 ** 20;

/**
 * Makes script, WebAssembly and memory of each other.
 *
 * @param script the package's JavaScript, cut or whole
 * @param wasm the package's WebAssembly
 * @param names what the files of the WebAssembly and of the memory are called, beside the script
 */
function startFast(script, wasm, names) {
  const wanted = new Set(Array.from(script.matchAll(/\bwasm\.(\w+)/g), ([, name]) => name));
  const memory = usedMemory(script, wasm);
  const image = memory.subarray(stackSize);
  const sections = {
    // One memory, of so many pages and more if need be.
    [memorySection]: () => Buffer.concat([Buffer.of(1, 0), unsigned(memory.length / pageSize)]),
    [exportSection]: (section) => cutExports(section, wanted),
    // None.
    [dataSection]: () => unsigned(0),
  };
  return {
    script: script.slice(0, script.indexOf(loading)) + loadingOf(names, image),
    wasm: rewritten(wasm, sections),
    image,
  };
}

/** Where the package's script begins to load its WebAssembly, which is its end. */
const loading = 'const path = require(';

const loadingOf = (names, image) => `
const { closeSync, openSync, readFileSync, readSync } = require('fs');
const { join } = require('path');
const wasmModule = new WebAssembly.Module(readFileSync(join(__dirname, '${names.wasm}')));
wasm = new WebAssembly.Instance(wasmModule, imports).exports;
const image = openSync(join(__dirname, '${names.image}'));
const imageLength = readSync(image, new Uint8Array(wasm.memory.buffer, ${stackSize}));
closeSync(image);
if (imageLength !== ${image.length}) throw new Error('${names.image} has ' + imageLength + ' bytes, not ${image.length}');
`;

/** The memory of an instance that has decoded, written and analyzed instructions of 32 and 64 bits. */
function usedMemory(script, wasm) {
  const module = { exports: {} };
  const requireFor = (name) => (name === 'fs' ? { readFileSync: () => wasm } : require(name));
  new Function('module', 'require', '__dirname', `${script}\nmodule.exports.memory = wasm.memory;`)(
    module,
    requireFor,
    '',
  );
  const iced = module.exports;
  const formatter = new iced.Formatter(iced.FormatterSyntax.Gas);
  const infos = new iced.InstructionInfoFactory();
  for (const bits of [32, 64]) {
    const decoder = new iced.Decoder(bits, Uint8Array.of(0x8b, 0x43, 0x08), iced.DecoderOptions.None);
    const instruction = decoder.decode();
    if (formatter.format(instruction) === '') throw new Error('iced-x86 writes nothing');
    infos.info(instruction).free();
    instruction.free();
    decoder.free();
  }
  infos.free();
  formatter.free();
  return Buffer.from(iced.memory.buffer);
}

/** WebAssembly with other contents for some sections, by their numbers. */
function rewritten(wasm, changes) {
  const reader = { bytes: wasm, at: 8 };
  const parts = [wasm.subarray(0, reader.at)];
  const pending = new Set(Object.keys(changes));
  while (reader.at < wasm.length) {
    const id = wasm[reader.at++];
    const size = readUnsigned(reader);
    const content = wasm.subarray(reader.at, reader.at + size);
    const changed = changes[id]?.(content) ?? content;
    pending.delete(String(id));
    parts.push(Buffer.of(id), unsigned(changed.length), changed);
    reader.at += size;
  }
  if (pending.size > 0) throw new Error(`iced-x86 has no sections ${[...pending].join(', ')}`);
  return Buffer.concat(parts);
}

function cutExports(section, wanted) {
  const reader = { bytes: section, at: 0 };
  const kept = [];
  for (let count = readUnsigned(reader); count > 0; count--) {
    const start = reader.at;
    const length = readUnsigned(reader);
    const name = section.toString('latin1', reader.at, reader.at + length);
    reader.at += length + 1;
    readUnsigned(reader);
    if (wanted.has(name)) kept.push(section.subarray(start, reader.at));
  }
  if (kept.length < wanted.size) throw new Error(`iced-x86 exports ${kept.length} of ${[...wanted].join(', ')}`);
  return Buffer.concat([unsigned(kept.length), ...kept]);
}

/** Numbers as WebAssembly has them: seven bits a byte, the lowest first (LEB128). */
function readUnsigned(reader) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

function unsigned(value) {
  const bytes = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

module.exports = { startFast };
