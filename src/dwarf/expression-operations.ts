/**
 * The operations of DWARF expressions (DWARF 5, 2.5 and 7.7.1), those of GNU before version 5 and beyond it, and what
 * follows each in the bytes.
 */

/** Codes of operations that are treated one by one; runs (`lit0` to `lit31`) are named by their first. */
export const Operation = {
  addr: 0x03,
  deref: 0x06,
  const1u: 0x08,
  const1s: 0x09,
  const2u: 0x0a,
  const2s: 0x0b,
  const4u: 0x0c,
  const4s: 0x0d,
  const8u: 0x0e,
  const8s: 0x0f,
  constu: 0x10,
  consts: 0x11,
  dup: 0x12,
  drop: 0x13,
  over: 0x14,
  pick: 0x15,
  swap: 0x16,
  rot: 0x17,
  xderef: 0x18,
  abs: 0x19,
  and: 0x1a,
  div: 0x1b,
  minus: 0x1c,
  mod: 0x1d,
  mul: 0x1e,
  neg: 0x1f,
  not: 0x20,
  or: 0x21,
  plus: 0x22,
  plusUconst: 0x23,
  shl: 0x24,
  shr: 0x25,
  shra: 0x26,
  xor: 0x27,
  bra: 0x28,
  eq: 0x29,
  ge: 0x2a,
  gt: 0x2b,
  le: 0x2c,
  lt: 0x2d,
  ne: 0x2e,
  skip: 0x2f,
  lit0: 0x30,
  lit31: 0x4f,
  reg0: 0x50,
  reg31: 0x6f,
  breg0: 0x70,
  breg31: 0x8f,
  regx: 0x90,
  fbreg: 0x91,
  bregx: 0x92,
  piece: 0x93,
  derefSize: 0x94,
  xderefSize: 0x95,
  nop: 0x96,
  pushObjectAddress: 0x97,
  call2: 0x98,
  call4: 0x99,
  callRef: 0x9a,
  formTlsAddress: 0x9b,
  callFrameCfa: 0x9c,
  bitPiece: 0x9d,
  implicitValue: 0x9e,
  stackValue: 0x9f,
  implicitPointer: 0xa0,
  addrx: 0xa1,
  constx: 0xa2,
  entryValue: 0xa3,
  constType: 0xa4,
  regvalType: 0xa5,
  derefType: 0xa6,
  xderefType: 0xa7,
  convert: 0xa8,
  reinterpret: 0xa9,
  gnuPushTlsAddress: 0xe0,
  llvmUser: 0xe9,
  gnuUninit: 0xf0,
  gnuEncodedAddr: 0xf1,
  gnuImplicitPointer: 0xf2,
  gnuEntryValue: 0xf3,
  gnuConstType: 0xf4,
  gnuRegvalType: 0xf5,
  gnuDerefType: 0xf6,
  gnuConvert: 0xf7,
  gnuReinterpret: 0xf9,
  gnuParameterRef: 0xfa,
  gnuAddrIndex: 0xfb,
  gnuConstIndex: 0xfc,
  gnuVariableValue: 0xfd,
} as const;

/**
 * How an operand is written. `offset` has 4 or 8 bytes by the unit; `reference` too, but an address's size in version
 * 2; `block` is a LEB128 and as many bytes, `block1` the same with a length of one byte.
 */
export type OperandKind =
  | 'address'
  | 'u8'
  | 's8'
  | 'u16'
  | 's16'
  | 'u32'
  | 's32'
  | 'u64'
  | 's64'
  | 'uleb'
  | 'sleb'
  | 'reference'
  | 'block'
  | 'block1';

export interface OperationForm {
  /** As the standard has it, without `DW_OP_`. */
  readonly name: string;
  readonly operands: readonly OperandKind[];
}

type Line = readonly [code: number, name: string, ...operands: OperandKind[]];

const lines: readonly Line[] = [
  [0x03, 'addr', 'address'],
  [0x06, 'deref'],
  [0x08, 'const1u', 'u8'],
  [0x09, 'const1s', 's8'],
  [0x0a, 'const2u', 'u16'],
  [0x0b, 'const2s', 's16'],
  [0x0c, 'const4u', 'u32'],
  [0x0d, 'const4s', 's32'],
  [0x0e, 'const8u', 'u64'],
  [0x0f, 'const8s', 's64'],
  [0x10, 'constu', 'uleb'],
  [0x11, 'consts', 'sleb'],
  [0x12, 'dup'],
  [0x13, 'drop'],
  [0x14, 'over'],
  [0x15, 'pick', 'u8'],
  [0x16, 'swap'],
  [0x17, 'rot'],
  [0x18, 'xderef'],
  [0x19, 'abs'],
  [0x1a, 'and'],
  [0x1b, 'div'],
  [0x1c, 'minus'],
  [0x1d, 'mod'],
  [0x1e, 'mul'],
  [0x1f, 'neg'],
  [0x20, 'not'],
  [0x21, 'or'],
  [0x22, 'plus'],
  [0x23, 'plus_uconst', 'uleb'],
  [0x24, 'shl'],
  [0x25, 'shr'],
  [0x26, 'shra'],
  [0x27, 'xor'],
  [0x28, 'bra', 's16'],
  [0x29, 'eq'],
  [0x2a, 'ge'],
  [0x2b, 'gt'],
  [0x2c, 'le'],
  [0x2d, 'lt'],
  [0x2e, 'ne'],
  [0x2f, 'skip', 's16'],
  [0x90, 'regx', 'uleb'],
  [0x91, 'fbreg', 'sleb'],
  [0x92, 'bregx', 'uleb', 'sleb'],
  [0x93, 'piece', 'uleb'],
  [0x94, 'deref_size', 'u8'],
  [0x95, 'xderef_size', 'u8'],
  [0x96, 'nop'],
  [0x97, 'push_object_address'],
  [0x98, 'call2', 'u16'],
  [0x99, 'call4', 'u32'],
  [0x9a, 'call_ref', 'reference'],
  [0x9b, 'form_tls_address'],
  [0x9c, 'call_frame_cfa'],
  [0x9d, 'bit_piece', 'uleb', 'uleb'],
  [0x9e, 'implicit_value', 'block'],
  [0x9f, 'stack_value'],
  [0xa0, 'implicit_pointer', 'reference', 'sleb'],
  [0xa1, 'addrx', 'uleb'],
  [0xa2, 'constx', 'uleb'],
  [0xa3, 'entry_value', 'block'],
  [0xa4, 'const_type', 'uleb', 'block1'],
  [0xa5, 'regval_type', 'uleb', 'uleb'],
  [0xa6, 'deref_type', 'u8', 'uleb'],
  [0xa7, 'xderef_type', 'u8', 'uleb'],
  [0xa8, 'convert', 'uleb'],
  [0xa9, 'reinterpret', 'uleb'],
  [0xe0, 'GNU_push_tls_address'],
  // What follows depends on the operation that it announces; nothing behind it can be read.
  [0xe9, 'LLVM_user', 'uleb'],
  [0xf0, 'GNU_uninit'],
  // What is encoded depends on the byte; only the linkers of Solaris write it.
  [0xf1, 'GNU_encoded_addr', 'u8'],
  [0xf2, 'GNU_implicit_pointer', 'reference', 'sleb'],
  [0xf3, 'GNU_entry_value', 'block'],
  [0xf4, 'GNU_const_type', 'uleb', 'block1'],
  [0xf5, 'GNU_regval_type', 'uleb', 'uleb'],
  [0xf6, 'GNU_deref_type', 'u8', 'uleb'],
  [0xf7, 'GNU_convert', 'uleb'],
  [0xf9, 'GNU_reinterpret', 'uleb'],
  [0xfa, 'GNU_parameter_ref', 'u32'],
  [0xfb, 'GNU_addr_index', 'uleb'],
  [0xfc, 'GNU_const_index', 'uleb'],
  [0xfd, 'GNU_variable_value', 'reference'],
];

function makeForms(): ReadonlyMap<number, OperationForm> {
  const forms = new Map<number, OperationForm>();
  for (const [code, name, ...operands] of lines) {
    forms.set(code, { name, operands });
  }
  for (let nth = 0; nth < 32; nth++) {
    forms.set(Operation.lit0 + nth, { name: `lit${nth}`, operands: [] });
    forms.set(Operation.reg0 + nth, { name: `reg${nth}`, operands: [] });
    forms.set(Operation.breg0 + nth, { name: `breg${nth}`, operands: ['sleb'] });
  }
  return forms;
}

/** All operations by their codes. */
export const operationForms = makeForms();
