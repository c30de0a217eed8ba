import { TextDecoder } from 'node:util';
import { badTests } from './scan-xml.ts';

/** The declaration that a document begins with, up to the name of its encoding, and what is behind that. */
const declaration = /^(\ufeff?<\?xml\s[^<>]{0,200}?\bencoding\s{0,20}=\s{0,20})(["'])([A-Za-z][\w.:-]{0,40})\2/;

/**
 * An XML document as text, which then says of itself that it is UTF-8, as it will be written so.
 * @param bytes as they are in the file; UTF-16 as UTF-8 already.
 * @throws KtriageError KT-TESTS for an encoding that is not known.
 */
export function decodeXml(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 400)).toString('utf8');
  const label = declaration.exec(start)?.[3]?.toLowerCase() ?? 'utf-8';
  const text = decoderOf(label).decode(bytes);
  return text.replace(declaration, '$1$2UTF-8$2').replace(/^\ufeff/, '');
}

function decoderOf(label: string): TextDecoder {
  if (label.startsWith('utf-16')) return new TextDecoder('utf-8');
  try {
    return new TextDecoder(label);
  } catch {
    throw badTests(`it is in ${label}, which is no encoding that is known`);
  }
}
