/** What went wrong while an image was built; callers may branch on it, people read the message. */
export type ImageErrorCode =
  | 'unknown-image'
  | 'bad-recipe'
  | 'unsupported-host'
  | 'command-failed'
  | 'path-missing'
  | 'path-conflict'
  | 'library-missing'
  | 'library-from-host'
  | 'file-changed'
  | 'name-too-long'
  | 'bad-archive';

/** An image could not be built. The message says which part and what to do; nothing half-made is left in the cache. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageError';
    this.code = code;
  }
}
