import { lerp, mix, type Rgb } from './paint.ts'

/** The day outside: a minute from sunrise to sunset, then a short night. */
const DAY_MS = 60_000
const NIGHT_MS = 12_000
const CYCLE_MS = DAY_MS + NIGHT_MS

export interface Light {
  /** Part of the day that is over, 0 sunrise to 1 sunset; at night the sun goes back from 1 to 0. */
  readonly day: number
  /** Height of the sun: 1 at noon, 0 at the horizon, negative at night. */
  readonly height: number
  readonly skyTop: Rgb
  readonly skyLow: Rgb
  readonly seaFar: Rgb
  readonly seaNear: Rgb
  /** What the light does to every colour in the room; multiplied. */
  readonly room: Rgb
  readonly sun: Rgb
}

type Shade = Omit<Light, 'day' | 'height'>

const SHADES: readonly (readonly [height: number, shade: Shade])[] = [
  [
    -0.4,
    {
      skyTop: [26, 40, 96],
      skyLow: [78, 96, 158],
      seaFar: [58, 78, 140],
      seaNear: [22, 36, 84],
      room: [126, 132, 190],
      sun: [255, 150, 90],
    },
  ],
  [
    -0.06,
    {
      skyTop: [84, 92, 170],
      skyLow: [244, 158, 140],
      seaFar: [172, 128, 160],
      seaNear: [54, 66, 122],
      room: [176, 156, 186],
      sun: [255, 140, 84],
    },
  ],
  [
    0.12,
    {
      skyTop: [120, 152, 220],
      skyLow: [255, 196, 138],
      seaFar: [226, 170, 150],
      seaNear: [64, 104, 150],
      room: [250, 206, 182],
      sun: [255, 208, 128],
    },
  ],
  [
    0.4,
    {
      skyTop: [92, 166, 236],
      skyLow: [255, 234, 196],
      seaFar: [150, 200, 214],
      seaNear: [44, 122, 168],
      room: [255, 240, 220],
      sun: [255, 246, 206],
    },
  ],
  [
    1,
    {
      skyTop: [58, 148, 236],
      skyLow: [206, 238, 255],
      seaFar: [126, 204, 226],
      seaNear: [26, 116, 172],
      room: [255, 253, 248],
      sun: [255, 253, 240],
    },
  ],
]

export function lightAt(timeMs: number): Light {
  const time = ((timeMs % CYCLE_MS) + CYCLE_MS) % CYCLE_MS
  const night = (time - DAY_MS) / NIGHT_MS
  const day = night < 0 ? time / DAY_MS : 1 - night
  const height = night < 0 ? Math.sin(Math.PI * day) : -0.4 * Math.sin(Math.PI * night)
  const above = Math.max(
    1,
    SHADES.findIndex(([from]) => height <= from),
  )
  const [low, from] = SHADES[above - 1] as (typeof SHADES)[number]
  const [high, to] = SHADES[above] as (typeof SHADES)[number]
  const part = (height - low) / (high - low)
  return {
    day,
    height,
    skyTop: mix(from.skyTop, to.skyTop, part),
    skyLow: mix(from.skyLow, to.skyLow, part),
    seaFar: mix(from.seaFar, to.seaFar, part),
    seaNear: mix(from.seaNear, to.seaNear, part),
    room: mix(from.room, to.room, part),
    sun: mix(from.sun, to.sun, part),
  }
}

/** Where between `left` and `right` the light falls into the room: against the sun. */
export const opposite = (light: Light, left: number, right: number): number => lerp(right, left, light.day)
