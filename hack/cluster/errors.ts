/** What went wrong, as a closed set that callers can switch on. */
export type ClusterErrorCode =
  | 'BadInput'
  | 'MissingTool'
  | 'BuildFailed'
  | 'CommandFailed'
  | 'NoFreeSlot'
  | 'NotRunning'
  | 'ShapeDiffers'
  | 'InUse'
  | 'StartFailed'
  | 'LeftOver';

/** Every failure of this folder: a code for programs and one sentence that says what to do for people. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode;

  constructor(code: ClusterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClusterError';
    this.code = code;
  }
}
