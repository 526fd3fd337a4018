/** Exit code of the child whose drawing package is not installed: starting it again changes nothing. */
export const EXIT_MISSING_PACKAGE = 3

export interface PreviewJob {
  readonly id: number
  readonly jpeg: Uint8Array
  /** Pixels of the picture to make. */
  readonly width: number
  readonly height: number
}

export interface PreviewAnswer {
  readonly id: number
  /** Undefined when what came is no picture. */
  readonly jpeg: Uint8Array | undefined
}
