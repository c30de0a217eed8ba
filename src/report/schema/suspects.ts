import { suspectReasons, suspectRoles, suspectStrengths } from '../../model/suspects.ts';
import { count, flag, list, number, object, oneOf, text } from './parts.ts';

const touch = object('Something that a commit touched.', {
  what: oneOf(suspectReasons, 'What of the stack it is.'),
  role: oneOf(suspectRoles, 'What that is to the crash.'),
  file: text('As the repository has it; a folder ends in `/`.'),
  'function?': text('The function.'),
  'line?': count('The line, at the bad end of the range.'),
  words: text('In words.'),
});

const suspect = object('A commit that may have to do with it.', {
  commit: text('Its full name.'),
  subject: text('The first line of its message.'),
  author: text('Who wrote it.'),
  date: text('When, ISO 8601.'),
  strength: oneOf(suspectStrengths, 'How much the suspicion rests on.'),
  score: number('0 to 1; for the order only.'),
  reasons: list(touch, 'What it touched, the most telling first.'),
});

/** `suspects` of an incident. */
export const suspectsSchema = object(
  'Commits of a range that touch what is on the stacks of the root (--range): a suggestion, and no proof.',
  {
    range: text('As it was given.'),
    good: text('Full name of the commit where it begins, which is not in it.'),
    bad: text('Full name of the commit where it ends.'),
    'commitCount?': count('Commits in it, without merges.'),
    commits: list(suspect, 'The most suspicious first.'),
    omitted: count('Weaker ones that are not told.'),
    complete: flag('False if not all could be looked at.'),
    notes: list(text('In words.'), 'What was not looked at, and what does not fit.'),
  },
);
