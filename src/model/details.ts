import type {
  HungTaskDetails,
  LockdepDetails,
  LockupDetails,
  RcuStallDetails,
  RcuUsageDetails,
  SchedulingDetails,
  SleepingDetails,
  SpinlockDetails,
  WorkqueueLockupDetails,
} from './details-locking.ts';
import type {
  AllocationFailureDetails,
  BadPageDetails,
  KmemleakDetails,
  OutOfMemoryDetails,
  RssCounterDetails,
  SlabDetails,
} from './details-memory.ts';
import type {
  BusErrorDetails,
  DebugObjectDetails,
  IrqDetails,
  KernelBugDetails,
  ListCorruptionDetails,
  MachineCheckDetails,
  NetdevReferenceDetails,
  PanicDetails,
  RefcountDetails,
  UserFaultDetails,
  WarningDetails,
} from './details-other.ts';
import type { KasanDetails, KcsanDetails, KfenceDetails, KmsanDetails, UbsanDetails } from './details-sanitizer.ts';

/**
 * What a kind of report has of its own, told apart by `of`. What a log does not say is absent.
 * Addresses are numbers as printed; texts are as printed, without their prefix.
 */
export type ReportDetails =
  | KasanDetails
  | KfenceDetails
  | KmsanDetails
  | KcsanDetails
  | UbsanDetails
  | LockdepDetails
  | SpinlockDetails
  | SleepingDetails
  | SchedulingDetails
  | RcuStallDetails
  | RcuUsageDetails
  | LockupDetails
  | HungTaskDetails
  | WorkqueueLockupDetails
  | OutOfMemoryDetails
  | AllocationFailureDetails
  | BadPageDetails
  | RssCounterDetails
  | SlabDetails
  | KmemleakDetails
  | MachineCheckDetails
  | BusErrorDetails
  | IrqDetails
  | WarningDetails
  | KernelBugDetails
  | ListCorruptionDetails
  | RefcountDetails
  | DebugObjectDetails
  | PanicDetails
  | NetdevReferenceDetails
  | UserFaultDetails;
