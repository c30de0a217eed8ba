/** What compilers call the base types of C, and kernel developers do not. */
const plainNames: ReadonlyMap<string, string> = new Map([
  ['long int', 'long'],
  ['long unsigned int', 'unsigned long'],
  ['short int', 'short'],
  ['short unsigned int', 'unsigned short'],
  ['long long int', 'long long'],
  ['long long unsigned int', 'unsigned long long'],
]);

/** The name of a base type as it is written in the kernel's source. */
export function baseTypeName(name: string): string {
  return plainNames.get(name) ?? name;
}

const compilerNames: ReadonlyMap<string, string> = new Map([...plainNames].map(([name, plain]) => [plain, name]));

/** The name that compilers give a base type of the kernel's source: `unsigned long` is a `long unsigned int`. */
export function compilerTypeName(name: string): string {
  return compilerNames.get(name) ?? name;
}
