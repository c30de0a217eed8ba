import type { ReportDetails } from './details.ts';
import type { TextRange } from './position.ts';

/** Something worth knowing that is no crash of the kernel: shown with --all, never counted. */
export interface Notice {
  readonly kind: string;
  readonly title: string;
  readonly range: TextRange;
  readonly seconds?: number;
  readonly details?: ReportDetails;
}
