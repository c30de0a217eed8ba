// A part of the build (rolldown.config.js): iced-x86's JavaScript without what the program does not use of it. The
// package has 900 KB, most of it tables of names.

const wordPattern = /[A-Za-z_$][\w$]*/g;
const comments = /^ *\/\*\*[\s\S]*?\*\/\n/gm;
const tables = /^module\.exports\.(\w+) = (Object\.freeze\(\{[^;]*?\}\));$/gm;
const classes = /^class (\w+) \{\n[\s\S]*?^\}\nmodule\.exports\.\1 = \1;\n/gm;
/** Where members of a class begin. */
const members = /^(?= {4}(?:static |get |set )?\w+\([^\n]*\) \{$)/m;
const memberName = /^ {4}(?:static |get |set )?(\w+)\(/;

/** The classes taken apart, and the text without them. */
function takeClasses(text) {
  const found = [];
  const rest = text.replace(classes, (all, name) => {
    const close = all.lastIndexOf('\n}\n') + 1;
    const [head, ...own] = all.slice(0, close).split(members);
    found.push({ name, head, members: own, end: all.slice(close), kept: new Set() });
    return '';
  });
  return { found, rest };
}

/**
 * The script without the tables, classes and members of classes whose names do not occur in `users`, the text of all
 * that uses it, nor in what stays. The tables that stay are made when they are asked for.
 */
function cutScript(script, users) {
  const words = new Set(users.match(wordPattern));
  const add = (text) => {
    for (const word of text.match(wordPattern) ?? []) words.add(word);
  };
  let tableCount = 0;
  const late = [];
  const withoutTables = script.replace(comments, '').replace(tables, (_all, name, table) => {
    tableCount++;
    if (words.has(name))
      late.push(
        `{ let table; Object.defineProperty(module.exports, '${name}', { get: () => (table ??= ${table}) }); }\n`,
      );
    return '';
  });
  const { found, rest } = takeClasses(withoutTables);
  // The instance is made at the end, with what stands before.
  const end = rest.indexOf('const path = require(');
  if (tableCount < 20 || found.length < 10 || end < 0)
    throw new Error(`iced-x86 is not as it was: ${tableCount} tables, ${found.length} classes, end at ${end}`);
  add(rest);
  // What stays may need more.
  for (let before = -1; before !== words.size; ) {
    before = words.size;
    for (const { name, members, kept } of found) {
      if (!words.has(name)) continue;
      for (const member of members) {
        const own = memberName.exec(member)?.[1] ?? '';
        if (kept.has(member) || (own !== 'constructor' && !words.has(own))) continue;
        kept.add(member);
        add(member);
      }
    }
  }
  const kept = found
    .filter(({ name }) => words.has(name))
    .map((part) => [part.head, ...part.members.filter((member) => part.kept.has(member)), part.end]);
  return [rest.slice(0, end), ...late, ...kept.flat(), rest.slice(end)].join('');
}

module.exports = { cutScript };
