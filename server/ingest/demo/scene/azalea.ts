import type { Canvas } from '@napi-rs/canvas'
import { type Context, css, ellipse, layer, lerp, mix, type Rgb, randomFrom, TURN } from './paint.ts'
import { POT } from './room.ts'

/** The plant: branches with leaves and blossoms, each painted once and then only swayed. */
const BLOSSOM = 96
const BRANCH = { width: 136, height: 124, x: 68, y: 63 } as const

type Petals = { readonly throat: Rgb; readonly body: Rgb; readonly edge: Rgb }
const COLORS: readonly Petals[] = [
  { throat: [138, 8, 84], body: [226, 40, 132], edge: [255, 142, 196] },
  { throat: [168, 14, 98], body: [240, 76, 156], edge: [255, 178, 214] },
  { throat: [196, 44, 120], body: [252, 128, 184], edge: [255, 214, 232] },
]

/** An azalea blossom: five ruffled petals, speckles on the upper three, stamens bent upwards. */
function paintBlossom(ctx: Context, colors: Petals, seed: number): void {
  const random = randomFrom(seed)
  const size = BLOSSOM * 0.46
  ctx.translate(BLOSSOM / 2, BLOSSOM / 2)
  for (const petal of [2, 3, 1, 4, 0]) {
    ctx.save()
    ctx.rotate((petal / 5) * TURN + (random() - 0.5) * 0.12)
    const length = size * (0.92 + 0.14 * random())
    const half = length * 0.46
    ctx.beginPath()
    ctx.moveTo(0, -2)
    ctx.bezierCurveTo(-half * 0.7, -length * 0.2, -half * 1.35, -length * 0.62, -half * 0.72, -length * 0.9)
    ctx.bezierCurveTo(-half * 0.46, -length * 1.04, -half * 0.22, -length * 0.93, 0, -length * 1.02)
    ctx.bezierCurveTo(half * 0.22, -length * 0.93, half * 0.46, -length * 1.04, half * 0.72, -length * 0.9)
    ctx.bezierCurveTo(half * 1.35, -length * 0.62, half * 0.7, -length * 0.2, 0, -2)
    const fill = ctx.createRadialGradient(0, 0, 2, 0, -length * 0.15, length)
    fill.addColorStop(0, css(colors.throat))
    fill.addColorStop(0.32, css(mix(colors.throat, colors.body, 0.7)))
    fill.addColorStop(0.66, css(colors.body))
    fill.addColorStop(1, css(colors.edge))
    ctx.shadowColor = 'rgba(90, 0, 50, 0.55)'
    ctx.shadowBlur = 5
    ctx.fillStyle = fill
    ctx.fill()
    ctx.shadowColor = 'transparent'
    ctx.strokeStyle = css(mix(colors.edge, [255, 255, 255], 0.45), 0.7)
    ctx.lineWidth = 1.2
    ctx.stroke()
    ctx.strokeStyle = css(colors.throat, 0.28)
    ctx.lineWidth = 1
    for (const vein of [-0.3, 0, 0.3]) {
      ctx.beginPath()
      ctx.moveTo(0, -6)
      ctx.quadraticCurveTo(vein * half * 0.8, -length * 0.45, vein * half * 1.6, -length * 0.82)
      ctx.stroke()
    }
    if (petal === 0 || petal === 1 || petal === 4) {
      ctx.fillStyle = css(colors.throat, 0.75)
      for (let count = 0; count < 9; count++) {
        ellipse(ctx, (random() - 0.5) * half * 0.7, -length * (0.28 + 0.34 * random()), 1.1, 1.5)
        ctx.fill()
      }
    }
    ctx.restore()
  }
  ctx.fillStyle = css(mix(colors.throat, [60, 0, 40], 0.35))
  ellipse(ctx, 0, 0, 4.5, 4.5)
  ctx.fill()
  for (let stamen = 0; stamen < 6; stamen++) {
    const turn = -Math.PI / 2 + (stamen - 2.5) * 0.24
    const reach = size * (0.5 + 0.16 * random())
    const x = Math.cos(turn) * reach
    const y = Math.sin(turn) * reach + 5
    ctx.strokeStyle = 'rgba(255, 226, 240, 0.9)'
    ctx.lineWidth = 1.2
    ctx.beginPath()
    ctx.moveTo(0, 0)
    ctx.quadraticCurveTo(x * 0.3, y * 0.85, x, y)
    ctx.stroke()
    ctx.fillStyle = '#5e2038'
    ellipse(ctx, x, y, 1.9, 1.5, turn)
    ctx.fill()
  }
}

const LEAF = { width: 64, height: 28 } as const
const GREENS: readonly (readonly [Rgb, Rgb])[] = [
  [
    [22, 76, 46],
    [72, 140, 66],
  ],
  [
    [32, 96, 50],
    [106, 172, 76],
  ],
  [
    [46, 112, 54],
    [152, 200, 96],
  ],
]

function paintLeaf(ctx: Context, [dark, light]: readonly [Rgb, Rgb]): void {
  const { width, height } = LEAF
  const middle = height / 2
  const blade = () => {
    ctx.beginPath()
    ctx.moveTo(1, middle)
    ctx.bezierCurveTo(width * 0.22, -2, width * 0.72, -1, width - 1, middle)
    ctx.bezierCurveTo(width * 0.72, height + 1, width * 0.22, height + 2, 1, middle)
  }
  const fill = ctx.createLinearGradient(0, 0, width * 0.2, height)
  fill.addColorStop(0, css(light))
  fill.addColorStop(0.49, css(mix(dark, light, 0.6)))
  fill.addColorStop(0.52, css(mix(dark, light, 0.15)))
  fill.addColorStop(1, css(dark))
  ctx.shadowColor = 'rgba(6, 24, 14, 0.7)'
  ctx.shadowBlur = 3
  ctx.fillStyle = fill
  blade()
  ctx.fill()
  ctx.shadowColor = 'transparent'
  ctx.strokeStyle = css(mix(light, [230, 250, 190], 0.4), 0.4)
  ctx.lineWidth = 1.2
  ctx.beginPath()
  ctx.moveTo(2, middle)
  ctx.lineTo(width - 4, middle)
  for (const at of [0.28, 0.46, 0.64]) {
    ctx.moveTo(width * at, middle)
    ctx.lineTo(width * (at + 0.14), middle - height * 0.26)
    ctx.moveTo(width * at, middle)
    ctx.lineTo(width * (at + 0.14), middle + height * 0.26)
  }
  ctx.stroke()
}

const blossoms = COLORS.flatMap((colors, index) =>
  [0, 1].map((variant) => layer(BLOSSOM, BLOSSOM, (ctx) => paintBlossom(ctx, colors, 100 + index * 10 + variant))),
)
const leaves = GREENS.map((green) => layer(LEAF.width, LEAF.height, (ctx) => paintLeaf(ctx, green)))

/** One petal, for the ones that fall. */
export const petal = layer(20, 20, (ctx) => {
  const fill = ctx.createLinearGradient(2, 2, 18, 18)
  fill.addColorStop(0, '#ffb6d8')
  fill.addColorStop(1, '#e0408f')
  ctx.fillStyle = fill
  ctx.beginPath()
  ctx.moveTo(3, 11)
  ctx.bezierCurveTo(2, 3, 13, 0, 17, 6)
  ctx.bezierCurveTo(20, 12, 10, 18, 3, 11)
  ctx.fill()
})

function stamp(ctx: Context, image: Canvas, x: number, y: number, turn: number, scaleX: number, scaleY: number): void {
  ctx.save()
  ctx.translate(x, y)
  ctx.rotate(turn)
  ctx.scale(scaleX, scaleY)
  ctx.drawImage(image, -image.width / 2, -image.height / 2)
  ctx.restore()
}

/** A branch end: a cushion of leaves with a truss of blossoms. `shade` 0 stands in full light, 1 deep in the bush. */
function paintBranch(ctx: Context, seed: number, shade: number, flowers: number): void {
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T
  ctx.imageSmoothingQuality = 'high'
  for (let count = 0; count < 46; count++) {
    const turn = random() * TURN
    const reach = 12 + 34 * Math.sqrt(random())
    const scale = 0.42 + 0.16 * random()
    stamp(
      ctx,
      pick(leaves),
      BRANCH.x + Math.cos(turn) * reach,
      BRANCH.y + Math.sin(turn) * reach * 0.86,
      turn + (random() - 0.5),
      scale,
      scale,
    )
  }
  const turn0 = random() * TURN
  for (let count = 0; count < flowers; count++) {
    const turn = turn0 + (count / flowers) * TURN + (random() - 0.5) * 0.4
    const reach = count === 0 ? 0 : lerp(20, 33, random())
    const x = Math.cos(turn) * reach
    const y = Math.sin(turn) * reach * 0.8
    const scale = 0.43 + 0.09 * random()
    // A blossom on the side of the truss looks away from us: it is seen narrower.
    const narrow = 1 - 0.3 * (reach / 33) ** 2
    stamp(ctx, pick(blossoms), BRANCH.x + x, BRANCH.y + y - 3, turn + Math.PI / 2 + (random() - 0.5) * 0.5, scale, scale * narrow)
    if (random() < 0.7) stamp(ctx, pick(leaves), BRANCH.x + x * 1.5, BRANCH.y + y * 1.5 + 4, turn, 0.4, 0.4)
  }
  ctx.globalCompositeOperation = 'source-atop'
  const light = ctx.createLinearGradient(BRANCH.x + 30, BRANCH.y - 50, BRANCH.x - 26, BRANCH.y + 56)
  light.addColorStop(0, 'rgba(255, 240, 214, 0.2)')
  light.addColorStop(0.45, `rgba(22, 20, 50, ${0.26 * shade})`)
  light.addColorStop(1, `rgba(16, 22, 40, ${0.24 + 0.34 * shade})`)
  ctx.fillStyle = light
  ctx.fillRect(0, 0, BRANCH.width, BRANCH.height)
}

/** Branches from back to front: place, how deep in the bush, how many blossoms. */
const PLACES = [
  [150, 108, 0.75, 5],
  [206, 82, 0.55, 6],
  [262, 106, 0.65, 5],
  [120, 148, 0.65, 5],
  [292, 148, 0.55, 5],
  [178, 122, 0.3, 6],
  [236, 122, 0.25, 6],
  [142, 182, 0.5, 5],
  [270, 182, 0.45, 5],
  [206, 160, 0.05, 7],
  [172, 198, 0.3, 5],
  [240, 198, 0.3, 5],
] as const

/** Pixels that a branch may leave its place. */
const REACH = 6

/** The branch at `x`, `y` bent by an angle: turned round the foot of the plant, and twice as much round itself. */
function paintBent(image: Canvas, x: number, y: number, bend: number): Canvas {
  return layer(BRANCH.width + REACH * 2, BRANCH.height + REACH * 2, (ctx) => {
    const footX = POT.x - x
    const footY = POT.top + 10 - y
    ctx.translate(REACH + BRANCH.x + footX, REACH + BRANCH.y + footY)
    ctx.rotate(bend)
    ctx.translate(-footX, -footY)
    ctx.rotate(bend)
    ctx.drawImage(image, -BRANCH.x, -BRANCH.y)
  })
}

/** A branch bends by less than this (radians), in this many steps of about half a pixel. */
const MAX_BEND = 0.029
const STEPS = 13

const branches = PLACES.map(([x, y, shade, flowers], index) => {
  const image = layer(BRANCH.width, BRANCH.height, (ctx) => paintBranch(ctx, 300 + index * 7, shade, flowers))
  const bent = Array.from({ length: STEPS }, (_, step) => paintBent(image, x, y, (step / (STEPS - 1)) * 2 * MAX_BEND - MAX_BEND))
  return { phase: index * 1.9, left: x - BRANCH.x - REACH, top: y - BRANCH.y - REACH, bent }
})

const stems = layer(120, 80, (ctx) => {
  ctx.lineCap = 'round'
  for (const [x, width] of [
    [-34, 5],
    [-12, 7],
    [10, 7],
    [36, 5],
  ] as const) {
    ctx.strokeStyle = '#4a3020'
    ctx.lineWidth = width
    ctx.beginPath()
    ctx.moveTo(60 + x * 0.3, 78)
    ctx.quadraticCurveTo(60 + x * 0.5, 40, 60 + x * 1.2, 4)
    ctx.stroke()
  }
})

/** A draught now and then: how strong it blows, 0.35 to 1. */
const draught = (timeMs: number) => 0.675 + 0.325 * Math.sin(timeMs / 5300) * Math.sin(timeMs / 3100 + 1)

export function drawAzalea(ctx: Context, timeMs: number): void {
  const wind = draught(timeMs)
  ctx.drawImage(stems, POT.x - 60, POT.top - 76)
  for (const { phase, left, top, bent } of branches) {
    const bend = wind * (0.02 * Math.sin(timeMs / 1150 + phase * 0.35) + 0.009 * Math.sin(timeMs / 430 + phase))
    const step = Math.round(((bend + MAX_BEND) / (2 * MAX_BEND)) * (STEPS - 1))
    ctx.drawImage(bent[step] as Canvas, left, top)
  }
}
