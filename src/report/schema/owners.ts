import { list, object, oneOf, type Schema, text } from './parts.ts';

/** Whose code a report blames. */
export const ownersSchema: Schema = object('Whose code it is, by the MAINTAINERS of the source tree.', {
  file: text('The file that was asked about, as the tree has it.'),
  why: text('Why that one, in words.'),
  from: oneOf(['get_maintainer.pl', 'MAINTAINERS'], "Who named the recipients: the tree's script, or ktriage itself."),
  'note?': text('Why the script was not asked, or did not answer.'),
  sections: list(
    object('A section of MAINTAINERS.', {
      title: text('Its title.'),
      'status?': text('Supported, Maintained, Odd Fixes, Orphan ...'),
      by: oneOf(['F', 'N', 'K'], 'What of it fits: a path, a part of the name, a word in the file.'),
    }),
    'Sections that the file is in, the most specific first.',
  ),
  recipients: list(
    object('Somebody to write to.', {
      address: text('The address.'),
      'name?': text('The name.'),
      kind: oneOf(['person', 'list'], 'A mailing list, or somebody.'),
      role: text('maintainer, supporter, reviewer, open list ...'),
      'section?': text('Title of the section that names it.'),
    }),
    'People, then lists.',
  ),
});
