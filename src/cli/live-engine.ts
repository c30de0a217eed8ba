import type { FileResult } from '../model/document.ts';
import type { EngineOptions } from './engine.ts';

/** An analysis that is fed while its input still grows. */
export interface LiveEngine {
  push(chunk: Uint8Array): void;
  /** The input was quiet for a while: what is pending is complete. */
  quiet(): void;
  end(): FileResult;
}

/** What happens to a file that is followed. */
export type FollowedEvent =
  | { readonly type: 'data'; readonly chunk: Uint8Array }
  | { readonly type: 'restart'; readonly why: string };

export interface WatchEngine {
  analysis(path: string, options: EngineOptions): LiveEngine;
  follow(path: string, options: { readonly signal: AbortSignal }): AsyncIterable<FollowedEvent>;
}
