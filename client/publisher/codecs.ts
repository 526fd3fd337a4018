/** What a publisher asks of an encoder. */
export interface EncoderWish {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly bitrate: number
}

/** An encoder configuration that this browser takes, and how many temporal layers it makes. */
export interface EncoderChoice {
  readonly config: VideoEncoderConfig
  readonly layers: 1 | 2 | 3
}

/** Macroblocks a second of H.264 levels 3.0, 3.1, 4.0, 5.1 (Table A-1), with the level's byte of the codec string. */
const H264_LEVELS = [
  [40_500, '1e'],
  [108_000, '1f'],
  [245_760, '28'],
  [983_040, '33'],
] as const
/** Luma samples a second of VP9 levels 3.0, 3.1, 4.0, 5.0. */
const VP9_LEVELS = [
  [20_736_000, '30'],
  [36_864_000, '31'],
  [83_558_400, '40'],
  [311_951_360, '50'],
] as const
/** Luma samples a second of AV1 levels 3.0, 3.1, 4.0, 5.0, by their index in the codec string. */
const AV1_LEVELS = [
  [19_975_680, '04'],
  [31_950_720, '05'],
  [70_778_880, '08'],
  [267_386_880, '12'],
] as const

const levelFor = (levels: readonly (readonly [number, string])[], rate: number): string =>
  (levels.find(([most]) => rate <= most) ?? (levels[levels.length - 1] as readonly [number, string]))[1]

/** Codec strings in order of preference. VP8 is not among them: its threaded realtime encoder stalls for up to 900 ms. */
export function codecsFor({ width, height, fps }: EncoderWish): string[] {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16) * fps
  const samples = width * height * fps
  return [
    `avc1.4200${levelFor(H264_LEVELS, blocks)}`,
    `vp09.00.${levelFor(VP9_LEVELS, samples)}.08`,
    `av01.0.${levelFor(AV1_LEVELS, samples)}M.08`,
  ]
}

const MODES = [
  ['L1T3', 3],
  ['L1T2', 2],
  [undefined, 1],
] as const

export type IsSupported = (config: VideoEncoderConfig) => Promise<{ supported?: boolean }>

/**
 * The best that this browser encodes: temporal layers before the order of codecs, because a viewer on a short link needs
 * them more. Undefined when it encodes none but those in `without`.
 */
export async function chooseEncoder(
  wish: EncoderWish,
  without: ReadonlySet<string> = new Set(),
  isSupported: IsSupported = (config) => VideoEncoder.isConfigSupported(config),
): Promise<EncoderChoice | undefined> {
  for (const [scalabilityMode, layers] of MODES) {
    for (const codec of codecsFor(wish)) {
      if (without.has(familyOf(codec))) continue
      const config: VideoEncoderConfig = {
        codec,
        width: wish.width,
        height: wish.height,
        bitrate: wish.bitrate,
        framerate: wish.fps,
        latencyMode: 'realtime',
        ...(scalabilityMode ? { scalabilityMode } : {}),
        ...(codec.startsWith('avc1') ? { avc: { format: 'annexb' } } : {}),
      }
      const supported = await isSupported(config).then(
        (answer) => answer.supported === true,
        () => false,
      )
      if (supported) return { config, layers }
    }
  }
  return undefined
}

/** `avc1` of `avc1.42001f`. */
export const familyOf = (codec: string): string => codec.split('.', 1)[0] as string
