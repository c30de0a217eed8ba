import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A MAINTAINERS of our own, with one of everything. */
export const maintainersText = `List of maintainers
===================

	M: *Mail* patches to: FullName <address@domain>
	F: *Files* and directories wildcard patterns.

Maintainers List
----------------

.. note:: For the hard of thinking, this list is meant to remain
          in alphabetical order.

FROB BUS
M:	Ada Frob <ada@example.org>
M:	"Frob, Bea" <bea@example.org>
R:	Cid (Frob Inc) <cid@example.org> (only the easy parts)
L:	linux-frob@example.org
L:	frob-dev@example.org (subscribers-only)
S:	Supported
F:	drivers/frob/
F:	include/linux/frob*.h
X:	drivers/frob/old/

FROB CORE CARD READER WITH A TITLE THAT IS LONGER THAN FIFTY CHARACTERS
M:	Dora Frob <dora@example.org>
M:	frob-team@example.org
L:	frob-card@example.org (moderated for non-subscribers)
S:	Odd Fixes
F:	drivers/frob/card/*.[ch]
N:	frobcard

FROB HELPERS
M:	Jürgen Frob <juergen@example.org>
S:	Orphan
F:	lib/frob
K:	\\bfrob_(?:get|put)\\b
K:	(?i)frobnicate

FROB LOOKBEHIND
M:	Eve Frob <eve@example.org>
S:	Maintained
K:	(?<!x)frob
K:	(a+)+$

THE REST
M:	Linus Torvalds <torvalds@linux-foundation.org>
L:	linux-kernel@vger.kernel.org
S:	Buried alive in reporters
F:	*
F:	*/
`;

/** A folder with these files in it, and what removes it. */
export function makeTree(files: Readonly<Record<string, string>>): {
  readonly root: string;
  readonly remove: () => void;
} {
  const root = mkdtempSync(join(tmpdir(), 'ktriage-tree-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
    if (name.endsWith('.pl')) chmodSync(join(root, name), 0o755);
  }
  return { root, remove: () => rmSync(root, { recursive: true }) };
}
