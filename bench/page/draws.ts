/** Name of the channel on which the tap tells the page of each picture that the player drew. */
export const DRAWS = 'bench-draws'

export interface Draw {
  /** Milliseconds of the machine's clock. */
  readonly at: number
  readonly age: number
}
