/** Numbers of the DWARF 5 standard (chapter 7) and of GNU's extensions, as far as positions need them. */

/** Kinds of debug information entries (7.3). */
export const Tag = {
  lexicalBlock: 0x0b,
  compileUnit: 0x11,
  inlinedSubroutine: 0x1d,
  module: 0x1e,
  subprogram: 0x2e,
  namespace: 0x39,
} as const;

/** Attributes (7.5.4). */
export const Attribute = {
  sibling: 0x01,
  name: 0x03,
  stmtList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  language: 0x13,
  compDir: 0x1b,
  abstractOrigin: 0x31,
  specification: 0x47,
  entryPc: 0x52,
  ranges: 0x55,
  callColumn: 0x57,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  strOffsetsBase: 0x72,
  addrBase: 0x73,
  rnglistsBase: 0x74,
  dwoName: 0x76,
  loclistsBase: 0x8c,
  mipsLinkageName: 0x2007,
  gnuDwoName: 0x2130,
  gnuDwoId: 0x2131,
  gnuRangesBase: 0x2132,
  gnuAddrBase: 0x2133,
} as const;

/** How an attribute's value is written (7.5.6); GNU's are of split DWARF before version 5, and of dwz. */
export const Form = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  secOffset: 0x17,
  exprloc: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
  gnuAddrIndex: 0x1f01,
  gnuStrIndex: 0x1f02,
  gnuRefAlt: 0x1f20,
  gnuStrpAlt: 0x1f21,
} as const;

/** Kinds of unit headers since DWARF 5 (7.5.1). */
export const UnitType = {
  compile: 0x01,
  type: 0x02,
  partial: 0x03,
  skeleton: 0x04,
  splitCompile: 0x05,
  splitType: 0x06,
} as const;

/** Entries of range lists since DWARF 5 (7.25). */
export const RangeEntry = {
  endOfList: 0x00,
  baseAddressx: 0x01,
  startxEndx: 0x02,
  startxLength: 0x03,
  offsetPair: 0x04,
  baseAddress: 0x05,
  startEnd: 0x06,
  startLength: 0x07,
} as const;

/** Standard opcodes of line programs (7.22). */
export const LineOpcode = {
  extended: 0x00,
  copy: 0x01,
  advancePc: 0x02,
  advanceLine: 0x03,
  setFile: 0x04,
  setColumn: 0x05,
  negateStmt: 0x06,
  setBasicBlock: 0x07,
  constAddPc: 0x08,
  fixedAdvancePc: 0x09,
  setPrologueEnd: 0x0a,
  setEpilogueBegin: 0x0b,
  setIsa: 0x0c,
} as const;

/** Extended opcodes of line programs (7.22). */
export const ExtendedLineOpcode = { endSequence: 0x01, setAddress: 0x02, setDiscriminator: 0x04 } as const;

/** What a column of a line program's file table holds (7.22). */
export const LineContent = { path: 0x01, directoryIndex: 0x02, md5: 0x05 } as const;

/** `DW_LANG_Mips_Assembler`: what GNU as and clang say of assembly. */
export const assemblerLanguage = 0x8001;
