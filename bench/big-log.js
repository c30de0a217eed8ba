// Makes big logs for the benchmark. The same arguments make the same bytes.

import { closeSync, openSync, writeSync } from 'node:fs';

/** A small generator of pseudo-random numbers (mulberry32): benchmarks must not differ from run to run. */
function randomNumbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What healthy machines print; `%` becomes a number. Two lines in a hundred are of other programs, without a stamp. */
const kernelTexts = [
  'pci 0000:00:%.0: [8086:%] type 00 class 0x060100',
  'pci 0000:00:%.0: BAR 4: assigned [mem 0x%-0x%]',
  'ACPI: Reserving FACP table memory at [mem 0x%-0x%]',
  'e1000 0000:00:03.0 eth%: (PCI:33MHz:32-bit) 52:54:00:12:34:%',
  'usb %-%: new high-speed USB device number % using xhci_hcd',
  'usb %-%: New USB device found, idVendor=%, idProduct=%, bcdDevice= 1.%',
  'EXT4-fs (vda%): mounted filesystem with ordered data mode. Quota mode: none.',
  'systemd[1]: Started session-%.scope - Session % of user root.',
  'audit: type=1400 audit(%.%:%): apparmor="STATUS" operation="profile_load" pid=% comm="apparmor_parser"',
  'IPv6: ADDRCONF(NETDEV_CHANGE): veth%: link becomes ready',
  'docker0: port %(veth%) entered forwarding state',
  'device veth% entered promiscuous mode',
  'TCP: request_sock_TCP: Possible SYN flooding on port %. Sending cookies.',
  'nvme nvme0: %/0/0 default/read/poll queues',
  'perf: interrupt took too long (% > %), lowering kernel.perf_event_max_sample_rate to %',
  'BTRFS info (device vdb): relocating block group % flags data',
  'clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x%, max_idle_ns: % ns',
  'Freeing unused kernel image (initmem) memory: %K',
  'random: crng reseeded on system resumption',
  'i915 0000:00:02.0: [drm] GuC firmware i915/adlp_guc_%.bin version %.%.%',
];
const userTexts = [
  'Starting periodic command scheduler: cron.',
  'kubelet[%]: synced pod % in %ms',
  'sshd[%]: Accepted publickey for build from 10.0.0.% port % ssh2',
  '[  OK  ] Reached target network-online.target.',
];

const blockBytes = 3_000_000;
const blockCount = 8;

/** Lines with stamps of a fixed width, so that their seconds can be written over. */
function makeBlock(random) {
  const lines = [];
  const stamps = [];
  let bytes = 0;
  let microseconds = 0;
  const vary = (text) => text.replaceAll('%', () => String(random(10 ** (1 + random(5)))));
  while (bytes < blockBytes) {
    microseconds += random(2800);
    let line;
    if (random(50) === 0) {
      line = `${vary(userTexts[random(userTexts.length)])}\n`;
    } else {
      const caller = random(16) === 0 ? `    C${random(8)}` : `T${2 + random(9000)}`.padStart(6);
      const fraction = String(microseconds % 1_000_000).padStart(6, '0');
      stamps.push([bytes + 1, Math.floor(microseconds / 1_000_000)]);
      line = `[00000.${fraction}][${caller}] ${vary(kernelTexts[random(kernelTexts.length)])}\n`;
    }
    lines.push(line);
    bytes += line.length;
  }
  return { data: Buffer.from(lines.join(''), 'latin1'), stamps, seconds: Math.floor(microseconds / 1_000_000) + 1 };
}

function setSeconds(data, offset, seconds) {
  let rest = seconds;
  for (let digit = 4; digit >= 0; digit--) {
    const value = rest % 10;
    // Leading blanks, as the kernel's %5lu has them.
    data[offset + digit] = rest === 0 && digit < 4 ? 0x20 : 0x30 + value;
    rest = Math.floor(rest / 10);
  }
}

/** Writes a log of a healthy machine, a little more than `bytes` long. */
export function writeHealthyLog(path, bytes) {
  const random = randomNumbers(1);
  const blocks = Array.from({ length: blockCount }, () => makeBlock(random));
  const file = openSync(path, 'w');
  let written = 0;
  let base = 0;
  while (written < bytes) {
    const block = blocks[random(blockCount)];
    for (const [offset, seconds] of block.stamps) setSeconds(block.data, offset, base + seconds);
    base += block.seconds;
    written += writeSync(file, block.data);
  }
  closeSync(file);
}

/** Writes `piece` again and again; `#` in it becomes a number that counts. */
export function writeRepeated(path, bytes, piece) {
  const file = openSync(path, 'w');
  let written = 0;
  let count = 0;
  while (written < bytes) {
    const pieces = [];
    for (let length = 0; length < 1_000_000; length += piece.length)
      pieces.push(piece.replaceAll('#', String(count++)));
    written += writeSync(file, Buffer.from(pieces.join(''), 'latin1'));
  }
  closeSync(file);
}
