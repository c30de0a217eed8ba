import { KtriageError } from '../../util/errors.ts';

/** What to do about a complaint of virsh's, which is in English here. The first that fits. */
const remedies: readonly { readonly says: RegExp; readonly hint: string }[] = [
  {
    says: /failed to get domain|domain not found/i,
    hint: 'virsh list --all has the names; domains of the system are those of LIBVIRT_DEFAULT_URI=qemu:///system',
  },
  {
    says: /domain is not running/i,
    hint: 'there is nothing to look at in a domain that is shut off: virsh list has those that run',
  },
  {
    says: /failed to connect|authentication|permission denied|access denied/i,
    hint: 'check that libvirtd runs, and that you may use it: as root, or in the group libvirt; virsh uri says which it is',
  },
  {
    says: /state change lock|timed out/i,
    hint: 'libvirt is busy with the domain: virsh domjobinfo and virsh domcontrol tell with what',
  },
];

/** The lines that virsh writes, without its `error: `; the first often says what, the second why. */
function complaint(stderr: string): string {
  const lines = stderr.slice(0, 10_000).split('\n');
  const words = lines.map((line) => line.trim().replace(/^error: /, '')).filter((line) => line !== '');
  return words.slice(0, 3).join(': ').slice(0, 300);
}

export function noVirsh(domain: string): KtriageError {
  return new KtriageError(
    'KT-LIVE-VIRSH',
    `cannot reach the libvirt domain ${domain}`,
    'virsh is not installed',
    'install libvirt-clients, or name the guest by its gdbstub or by its monitor (qmp:SOCKET)',
  );
}

/** virsh could not hand on a command: no such domain, it is shut off, libvirt is not there, or not for us. */
export function virshFailed(domain: string, stderr: string): KtriageError {
  const why = complaint(stderr);
  const remedy = remedies.find(({ says }) => says.test(why));
  return new KtriageError(
    'KT-LIVE-VIRSH',
    `cannot reach the libvirt domain ${domain}`,
    why === '' ? 'virsh failed, and does not say why' : `virsh says: ${why}`,
    remedy?.hint ?? 'virsh domstate --reason DOMAIN tells how it is',
  );
}

/** virsh has no answer. */
export function virshLate(domain: string, command: string, milliseconds: number): KtriageError {
  return new KtriageError(
    'KT-QMP-TIMEOUT',
    `the libvirt domain ${domain} does not answer`,
    `virsh had no answer to ${command} within ${milliseconds / 1000} s`,
    'virsh domstate --reason and virsh domcontrol tell how the domain is; check that libvirtd runs',
    'unvouched',
  );
}
