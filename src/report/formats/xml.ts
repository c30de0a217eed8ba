const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that XML 1.0 does not have even as references (2.2): most controls, lone surrogates, two non-characters. */
const illegal = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/**
 * Text or a value of an attribute as XML and HTML have it: `>` too, so that no `]]>` is left; and nothing that the runner
 * of a CI would take for a command if the file is printed in a job.
 */
export function markup(text: string): string {
  return (
    text
      .replace(illegal, '\ufffd')
      .replace(/[&<>"']/g, (character) => entities[character] ?? '')
      // What readers of JUnit take for the name of a file to attach, which Jenkins' plugin then copies from its machine
      // (junit-attachments-plugin; GitLab, Unit test reports).
      .replace(/\[(?=\[ATTACHMENT\|)/gi, '[ ')
      .replace(/##(?=\[|vso\[|teamcity\[)/gi, '#&#35;')
      .replace(/^(\s*):(?=:)/gm, '$1&#58;')
  );
}
