import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { CodeLocation, CodeLocations } from '../symbols/code-locations.ts';
import type { NameAddress } from './values/report-context.ts';

/** Where code of the kernel itself was when it ran; where modules were loaded is not known. */
export function runtimeAddress({ image, address }: CodeLocation, { kaslrOffset }: CodeLocations): bigint | undefined {
  if (image.isModule || kaslrOffset === undefined) return undefined;
  return BigInt.asUintN(64, toBigAddress(address) + kaslrOffset);
}

/** Names addresses of the running kernel by its file, if it is known how far it was moved. */
export function nameAddresses({ vmlinux, kaslrOffset }: CodeLocations): NameAddress | undefined {
  if (vmlinux === undefined || kaslrOffset === undefined) return undefined;
  return (address) => {
    const linked = fromBigAddress(BigInt.asUintN(64, address - kaslrOffset), vmlinux.elf.is64);
    // Most values are nowhere near the kernel; per-CPU variables have addresses of their own, which others may have too.
    if (linked >= 0 && vmlinux.elf.is64) return undefined;
    const symbol = vmlinux.symbolAt(linked);
    if (symbol === undefined || linked >= symbol.address + symbol.size) return undefined;
    const { flags, name } = symbol.section;
    const isCode = (flags & sectionFlag.execute) !== 0;
    const section = isCode ? (/^\.(?:init|exit)\.text/.test(name) ? 'init' : 'text') : 'data';
    return { name: symbol.name, offset: linked - symbol.address, section };
  };
}
