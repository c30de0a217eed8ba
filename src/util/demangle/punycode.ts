// RFC 3492 section 5, with the parameters that Rust uses (RFC 2603): those of IDNA.
const base = 36;
const minThreshold = 1;
const maxThreshold = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialCodePoint = 128;
const lastCodePoint = 0x10ffff;

/** Rust's own demangler refuses longer ones too: insertion into the middle is quadratic. */
const maxCharacters = 128;

/** Value of a digit: a to z are 0 to 25, 0 to 9 are 26 to 35. */
function digitValue(character: string): number | undefined {
  if (character >= 'a' && character <= 'z') {
    return character.charCodeAt(0) - 0x61;
  }
  if (character >= '0' && character <= '9') {
    return character.charCodeAt(0) - 0x30 + 26;
  }
  return undefined;
}

function adapt(delta: number, points: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? damp : 2));
  rest += Math.floor(rest / points);
  let steps = 0;
  while (rest > ((base - minThreshold) * maxThreshold) / 2) {
    rest = Math.floor(rest / (base - minThreshold));
    steps += base;
  }
  return steps + Math.floor(((base - minThreshold + 1) * rest) / (rest + skew));
}

/** Puts the characters that `encoded` describes between those of `ascii`; undefined if it is no Punycode. */
export function decodePunycode(ascii: string, encoded: string): string | undefined {
  const characters = [...ascii];
  let codePoint = initialCodePoint;
  let bias = initialBias;
  let index = 0;
  let position = 0;
  while (position < encoded.length) {
    const before = index;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = digitValue(encoded.charAt(position++));
      if (digit === undefined) {
        return undefined;
      }
      index += digit * weight;
      const threshold = Math.min(Math.max(k - bias, minThreshold), maxThreshold);
      if (digit < threshold) {
        break;
      }
      weight *= base - threshold;
      if (index > 2 ** 40 || weight > 2 ** 40) {
        return undefined;
      }
    }
    const length = characters.length + 1;
    if (length > maxCharacters) {
      return undefined;
    }
    bias = adapt(index - before, length, before === 0);
    codePoint += Math.floor(index / length);
    index %= length;
    if (codePoint > lastCodePoint || (codePoint >= 0xd800 && codePoint <= 0xdfff)) {
      return undefined;
    }
    characters.splice(index, 0, String.fromCodePoint(codePoint));
    index++;
  }
  return characters.join('');
}
