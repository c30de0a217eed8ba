import { family } from './family.ts';

const how =
  'The line names file, line and column of the source, the next one the values. The kernel goes on, unless CONFIG_UBSAN_TRAP is set.';

/** lib/ubsan.c; wordings as of 5.15 and 6.12. */
export const ubsanKinds = family(
  'ubsan',
  { severity: 'warning', document: 'dev-tools/ubsan.rst' },
  {
    'undefined-behaviour': {
      summary: 'Undefined behaviour of C (wording of kernels before 5.6).',
      explanation: `Old kernels use one headline for all checks; what it was stands on the next line. ${how}`,
    },
    'array-index-out-of-bounds': {
      summary: 'An array was indexed beyond its declared size.',
      explanation: `${how} Either the index is wrong, which is a memory error, or the array is declared with one or no element where it really is a flexible array; then declare it so, with __counted_by().`,
    },
    'shift-out-of-bounds': {
      summary: 'A shift by a negative count, or by as many bits as the type has or more.',
      explanation: `${how} The count mostly comes from a device, a file system image or user space without a check; look where it is read. Shifting a negative number or into the sign bit counts too.`,
    },
    'signed-integer-overflow': {
      summary: 'A signed computation did not fit into its type.',
      explanation: `${how} Use an unsigned or wider type, the check_*_overflow() helpers, or wrapping_add() where wrapping is meant.`,
    },
    'unsigned-integer-overflow': {
      summary: 'An unsigned computation wrapped around.',
      explanation: `${how} This is defined behaviour of C and checked only on demand; see whether the wrap is meant.`,
    },
    'negation-overflow': {
      summary: 'The smallest number of a type was negated.',
      explanation: `${how} The result does not fit into the type; check for it before.`,
    },
    'division-overflow': {
      summary: 'A division by zero, or one whose quotient does not fit.',
      explanation: `${how} Check the divisor before.`,
    },
    'implicit-conversion': {
      summary: 'A conversion without a cast changed the value.',
      explanation: `${how} The value does not fit into the narrower type; use the right type or a cast that says so.`,
    },
    'integer-truncation': {
      summary: 'A value was cut off when it was stored in a narrower type.',
      explanation: `${how} Look at the two types and whether the cut is meant.`,
    },
    'pointer-overflow': {
      summary: 'Pointer arithmetic went beyond the address space, or began at NULL.',
      explanation: `${how} Look at the offset: it is negative, or larger than any object.`,
    },
    'null-ptr-deref': {
      summary: 'A member of a structure at NULL was accessed, or its address taken.',
      explanation: `${how} The pointer should have been checked. An oops may follow.`,
    },
    'misaligned-access': {
      summary: 'An access through a pointer that is not aligned as its type demands.',
      explanation: `${how} Use get_unaligned() and put_unaligned(), or packed structures.`,
      document: 'core-api/unaligned-memory-access.rst',
    },
    'alignment-assumption': {
      summary: 'A pointer is not aligned as the compiler was promised.',
      explanation: `${how} Something declared with an alignment (__assume_aligned, an allocator) returned a pointer that has it not.`,
    },
    'object-size-mismatch': {
      summary: 'An access through a pointer to an object that is too small for the type.',
      explanation: `${how} A pointer was cast to a larger type, or it points to the end of a smaller object.`,
    },
    'invalid-load': {
      summary: 'A bool or enum holds a value that its type does not have.',
      explanation: `${how} Mostly a bool that was never initialized or was filled from outside; sometimes memory that was overwritten.`,
    },
    unreachable: {
      summary: 'Code ran that was declared to be unreachable.',
      explanation: `${how} A function that must not return did, or __builtin_unreachable() was wrong.`,
    },
    'vla-bound': {
      summary: 'A variable-length array was made with a size below one.',
      explanation: `${how} Check the size before.`,
    },
    'nonnull-argument': {
      summary: 'NULL was passed where the function declares that it must not be.',
      explanation: `${how} Look at the caller.`,
    },
    other: { summary: 'An UBSAN report of another sort.', explanation: `The words are not known. ${how}` },
  },
);
