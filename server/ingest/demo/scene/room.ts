import { type Context, css, ellipse, HEIGHT, layer, lerp, type Rgb, randomFrom, spot, TURN, WIDTH } from './paint.ts'
import { GLASS } from './sky.ts'

/** The still life round the plant: planked wall, brass ring, sill, lifebuoy, watering can, pot. All painted once. */
export const SILL = { back: 262, front: 322 } as const
/** The pot's middle, foot and rim; its picture is drawn with (`left`, `up`) before them. */
export const POT = { x: 206, base: 302, top: 224, left: 76, up: 106 } as const
const RIM = GLASS.radius + 22
const DIAL = { x: 572, y: 96, radius: 40 } as const
export const CLOCK = { x: DIAL.x, y: DIAL.y, radius: DIAL.radius - 9 } as const

const shadow = spot(128, 128, [10, 18, 24])

/** Everything behind the plant, with a hole where the glass is. */
export const room = layer(WIDTH, HEIGHT, (ctx) => {
  paintWall(ctx)
  paintLifebuoy(ctx, 58, 92)
  paintRing(ctx)
  paintDial(ctx)
  paintSill(ctx)
  paintCan(ctx, 566, 304)
})

/** Reflections of the room on the glass. */
export const reflections = layer(GLASS.radius * 2, GLASS.radius * 2, (ctx) => {
  ctx.translate(GLASS.radius, GLASS.radius)
  ellipse(ctx, 0, 0, GLASS.radius, GLASS.radius)
  ctx.clip()
  const edge = ctx.createRadialGradient(0, 0, GLASS.radius * 0.8, 0, 0, GLASS.radius)
  edge.addColorStop(0, 'rgba(8, 24, 40, 0)')
  edge.addColorStop(1, 'rgba(8, 24, 40, 0.45)')
  ctx.fillStyle = edge
  ctx.fillRect(-GLASS.radius, -GLASS.radius, GLASS.radius * 2, GLASS.radius * 2)
  ctx.rotate(-0.7)
  for (const [y, height, alpha] of [
    [-66, 26, 0.13],
    [-32, 9, 0.09],
  ] as const) {
    const band = ctx.createLinearGradient(-GLASS.radius, 0, GLASS.radius, 0)
    band.addColorStop(0, 'rgba(255, 255, 255, 0)')
    band.addColorStop(0.5, `rgba(255, 255, 255, ${alpha})`)
    band.addColorStop(1, 'rgba(255, 255, 255, 0)')
    ctx.fillStyle = band
    ctx.fillRect(-GLASS.radius, y, GLASS.radius * 2, height)
  }
})

function paintWall(ctx: Context): void {
  const random = randomFrom(3)
  const plank = 58
  for (let x = -20; x < WIDTH; x += plank) {
    const tone = 0.9 + 0.16 * random()
    ctx.fillStyle = css([70 * tone, 122 * tone, 124 * tone])
    ctx.fillRect(x, 0, plank, SILL.back)
    for (let line = 0; line < 9; line++) {
      ctx.strokeStyle = css(random() < 0.5 ? [34, 78, 84] : [112, 164, 160], 0.08 + 0.1 * random())
      ctx.lineWidth = 0.6 + random()
      const at = x + 4 + random() * (plank - 8)
      ctx.beginPath()
      ctx.moveTo(at, 0)
      ctx.bezierCurveTo(at + 5 * (random() - 0.5), 90, at + 9 * (random() - 0.5), 170, at + 3 * (random() - 0.5), SILL.back)
      ctx.stroke()
    }
    ctx.fillStyle = 'rgba(12, 38, 46, 0.55)'
    ctx.fillRect(x, 0, 1.6, SILL.back)
    ctx.fillStyle = 'rgba(200, 236, 230, 0.22)'
    ctx.fillRect(x + 1.6, 0, 1, SILL.back)
  }
  const fall = ctx.createRadialGradient(GLASS.x - 50, GLASS.y + 40, 120, GLASS.x - 50, GLASS.y + 20, 440)
  fall.addColorStop(0, 'rgba(255, 236, 200, 0.12)')
  fall.addColorStop(0.35, 'rgba(10, 32, 42, 0)')
  fall.addColorStop(1, 'rgba(6, 20, 32, 0.62)')
  ctx.fillStyle = fall
  ctx.fillRect(0, 0, WIDTH, SILL.back)
}

function paintRing(ctx: Context): void {
  const { x, y, radius } = GLASS
  ctx.drawImage(shadow, x - RIM - 22, y - RIM - 10, (RIM + 24) * 2, (RIM + 24) * 2)
  annulus(ctx, x, y, radius - 1, RIM, [
    [0, '#4a2f12'],
    [0.1, '#8a5f25'],
    [0.3, '#d9a94e'],
    [0.5, '#f6dd92'],
    [0.7, '#c8943c'],
    [0.92, '#7d5520'],
    [1, '#4f3411'],
  ])
  // Light from above left: one side of the brass shines, the other is in shade.
  const side = ctx.createLinearGradient(x - RIM, y - RIM, x + RIM, y + RIM)
  side.addColorStop(0, 'rgba(255, 250, 220, 0.45)')
  side.addColorStop(0.45, 'rgba(255, 240, 200, 0)')
  side.addColorStop(1, 'rgba(40, 20, 0, 0.5)')
  ctx.fillStyle = side
  ctx.beginPath()
  ctx.arc(x, y, RIM, 0, TURN)
  ctx.arc(x, y, radius, 0, TURN, true)
  ctx.fill()
  for (let bolt = 0; bolt < 10; bolt++) {
    const turn = ((bolt + 0.5) / 10) * TURN
    const boltX = x + Math.cos(turn) * (radius + 11)
    const boltY = y + Math.sin(turn) * (radius + 11)
    const dome = ctx.createRadialGradient(boltX - 1.6, boltY - 1.8, 0.4, boltX, boltY, 5.2)
    dome.addColorStop(0, '#fff4c8')
    dome.addColorStop(0.45, '#c9973f')
    dome.addColorStop(1, '#5a3c14')
    ctx.fillStyle = 'rgba(50, 28, 4, 0.5)'
    ellipse(ctx, boltX + 1, boltY + 1.4, 5.4, 5.4)
    ctx.fill()
    ctx.fillStyle = dome
    ellipse(ctx, boltX, boltY, 4.6, 4.6)
    ctx.fill()
  }
  ctx.globalCompositeOperation = 'destination-out'
  ellipse(ctx, x, y, radius - 1, radius - 1)
  ctx.fill()
  ctx.globalCompositeOperation = 'source-over'
}

function annulus(ctx: Context, x: number, y: number, inner: number, outer: number, stops: readonly (readonly [number, string])[]): void {
  const brass = ctx.createRadialGradient(x, y, inner, x, y, outer)
  for (const [at, color] of stops) brass.addColorStop(at, color)
  ctx.fillStyle = brass
  ctx.beginPath()
  ctx.arc(x, y, outer, 0, TURN)
  ctx.arc(x, y, inner, 0, TURN, true)
  ctx.fill()
}

function paintDial(ctx: Context): void {
  const { x, y, radius } = DIAL
  ctx.drawImage(shadow, x - radius - 12, y - radius - 6, radius * 2 + 28, radius * 2 + 30)
  const face = ctx.createRadialGradient(x - 10, y - 12, 4, x, y, radius)
  face.addColorStop(0, '#fffaf0')
  face.addColorStop(1, '#e4d8bd')
  ctx.fillStyle = face
  ellipse(ctx, x, y, radius - 4, radius - 4)
  ctx.fill()
  annulus(ctx, x, y, radius - 8, radius, [
    [0, '#5b3d15'],
    [0.35, '#f3d78a'],
    [0.7, '#b98636'],
    [1, '#553712'],
  ])
  ctx.strokeStyle = '#4a3a28'
  ctx.lineCap = 'round'
  for (let mark = 0; mark < 12; mark++) {
    const turn = (mark / 12) * TURN
    const long = mark % 3 === 0
    ctx.lineWidth = long ? 2.2 : 1.1
    ctx.beginPath()
    ctx.moveTo(x + Math.cos(turn) * (radius - (long ? 17 : 15)), y + Math.sin(turn) * (radius - (long ? 17 : 15)))
    ctx.lineTo(x + Math.cos(turn) * (radius - 11.5), y + Math.sin(turn) * (radius - 11.5))
    ctx.stroke()
  }
}

function paintLifebuoy(ctx: Context, x: number, y: number): void {
  const radius = 46
  const tube = 15
  for (const [blur, alpha] of [
    [12, 0.12],
    [6, 0.18],
    [2, 0.25],
  ] as const) {
    ctx.strokeStyle = `rgba(6, 18, 26, ${alpha})`
    ctx.lineWidth = tube * 2 + blur
    ctx.beginPath()
    ctx.arc(x + 5, y + 7, radius - tube, 0, TURN)
    ctx.stroke()
  }
  for (let part = 0; part < 8; part++) {
    ctx.strokeStyle = part % 2 === 0 ? '#f4efe4' : '#d8433c'
    ctx.lineWidth = tube * 2
    ctx.beginPath()
    const middle = (part / 8) * TURN + Math.PI / 8
    const half = part % 2 === 0 ? 0.56 : 0.235
    ctx.arc(x, y, radius - tube, middle - half, middle + half)
    ctx.stroke()
  }
  const round = ctx.createRadialGradient(x, y, radius - tube * 2, x, y, radius)
  round.addColorStop(0, 'rgba(40, 20, 20, 0.5)')
  round.addColorStop(0.35, 'rgba(255, 255, 255, 0.12)')
  round.addColorStop(0.6, 'rgba(255, 255, 255, 0.25)')
  round.addColorStop(1, 'rgba(30, 20, 30, 0.55)')
  ctx.strokeStyle = round
  ctx.lineWidth = tube * 2
  ctx.beginPath()
  ctx.arc(x, y, radius - tube, 0, TURN)
  ctx.stroke()
  ctx.strokeStyle = '#e9d9b0'
  ctx.lineWidth = 2.6
  for (let part = 0; part < 4; part++) {
    const from = (part / 4) * TURN + Math.PI * 0.375
    ctx.beginPath()
    ctx.arc(x, y, radius + 2, from, from + TURN / 4)
    ctx.stroke()
  }
}

function paintSill(ctx: Context): void {
  const random = randomFrom(17)
  const top = ctx.createLinearGradient(0, SILL.back, 0, SILL.front)
  top.addColorStop(0, '#7a4c2a')
  top.addColorStop(0.12, '#a3703f')
  top.addColorStop(1, '#cf9a5f')
  ctx.fillStyle = top
  ctx.fillRect(0, SILL.back, WIDTH, SILL.front - SILL.back)
  const lip = ctx.createLinearGradient(0, SILL.front, 0, HEIGHT)
  lip.addColorStop(0, '#b37b45')
  lip.addColorStop(0.15, '#94612f')
  lip.addColorStop(1, '#54331a')
  ctx.fillStyle = lip
  ctx.fillRect(0, SILL.front, WIDTH, HEIGHT - SILL.front)
  for (let line = 0; line < 64; line++) {
    const y = SILL.back + random() ** 0.7 * (HEIGHT - SILL.back)
    const start = random() * WIDTH - 120
    const length = 90 + random() * 260
    ctx.strokeStyle = css(random() < 0.6 ? [82, 46, 20] : [240, 196, 136], 0.1 + 0.14 * random())
    ctx.lineWidth = 0.5 + random()
    ctx.beginPath()
    ctx.moveTo(start, y)
    ctx.bezierCurveTo(start + length * 0.3, y + 4 * (random() - 0.5), start + length * 0.6, y + 4 * (random() - 0.5), start + length, y)
    ctx.stroke()
  }
  ctx.fillStyle = 'rgba(255, 226, 172, 0.75)'
  ctx.fillRect(0, SILL.front - 1.5, WIDTH, 2)
  const under = ctx.createLinearGradient(0, SILL.back - 8, 0, SILL.back + 14)
  under.addColorStop(0, 'rgba(20, 12, 8, 0)')
  under.addColorStop(0.36, 'rgba(20, 12, 8, 0.5)')
  under.addColorStop(1, 'rgba(20, 12, 8, 0)')
  ctx.fillStyle = under
  ctx.fillRect(0, SILL.back - 8, WIDTH, 22)
}

function paintCan(ctx: Context, x: number, base: number): void {
  ctx.drawImage(shadow, x - 62, base - 16, 128, 28)
  const enamel = ctx.createLinearGradient(x - 30, 0, x + 30, 0)
  enamel.addColorStop(0, '#b9b39f')
  enamel.addColorStop(0.25, '#fffaf0')
  enamel.addColorStop(0.6, '#efe6d2')
  enamel.addColorStop(1, '#9c937d')
  ctx.strokeStyle = '#e6dcc6'
  ctx.lineWidth = 5
  ctx.beginPath()
  ctx.ellipse(x + 26, base - 34, 20, 17, 0.3, -Math.PI * 0.62, Math.PI * 0.62)
  ctx.stroke()
  ctx.strokeStyle = 'rgba(90, 80, 60, 0.5)'
  ctx.lineWidth = 1
  ctx.beginPath()
  ctx.ellipse(x + 26, base - 34, 22.5, 19.5, 0.3, -Math.PI * 0.6, Math.PI * 0.6)
  ctx.stroke()
  ctx.fillStyle = '#d8cdb4'
  ctx.beginPath()
  ctx.moveTo(x - 22, base - 22)
  ctx.quadraticCurveTo(x - 44, base - 30, x - 54, base - 62)
  ctx.lineTo(x - 47, base - 64)
  ctx.quadraticCurveTo(x - 38, base - 44, x - 20, base - 38)
  ctx.fill()
  ctx.fillStyle = '#2f6f78'
  ellipse(ctx, x - 51, base - 63.5, 6.5, 2.6, -0.35)
  ctx.fill()
  ctx.fillStyle = enamel
  ctx.beginPath()
  ctx.moveTo(x - 26, base - 54)
  ctx.lineTo(x - 30, base - 3)
  ctx.quadraticCurveTo(x, base + 7, x + 30, base - 3)
  ctx.lineTo(x + 26, base - 54)
  ctx.fill()
  ctx.fillStyle = '#2b5d66'
  ellipse(ctx, x, base - 54, 26, 6)
  ctx.fill()
  ctx.fillStyle = '#173e48'
  ellipse(ctx, x, base - 53.4, 23, 4.6)
  ctx.fill()
  // A sprig of flowers on the enamel.
  for (const [dx, dy, color] of [
    [-5, -26, '#e0568f'],
    [4, -30, '#f08cb4'],
    [6, -20, '#e0568f'],
    [-2, -18, '#6a9a5c'],
    [11, -26, '#6a9a5c'],
  ] as const) {
    ctx.fillStyle = color
    ellipse(ctx, x + dx, base + dy, 3.4, 2.8)
    ctx.fill()
  }
}

/** The terracotta pot on its saucer, apart because the shadow that wanders lies between it and the sill. */
export const pot = layer(152, 116, (ctx) => {
  ctx.scale(1.15, 1.15)
  const x = POT.left / 1.15
  const base = POT.up / 1.15
  const rim = base - (POT.base - POT.top) / 1.15
  const clay = (half: number, light: readonly Rgb[]) => {
    const gradient = ctx.createLinearGradient(x - half, 0, x + half, 0)
    light.forEach((color, index) => {
      gradient.addColorStop(index / (light.length - 1), css(color))
    })
    return gradient
  }
  const tones: readonly Rgb[] = [
    [122, 56, 34],
    [206, 112, 72],
    [226, 136, 92],
    [192, 96, 58],
    [104, 44, 26],
  ]
  ctx.fillStyle = clay(56, tones)
  ctx.beginPath()
  ctx.ellipse(x, base - 2, 54, 8, 0, 0, TURN)
  ctx.fill()
  ctx.fillStyle = 'rgba(60, 20, 8, 0.55)'
  ellipse(ctx, x, base - 4, 47, 5.6)
  ctx.fill()
  ctx.fillStyle = clay(52, tones)
  ctx.beginPath()
  ctx.moveTo(x - 48, rim + 16)
  ctx.lineTo(x - 37, base - 6)
  ctx.quadraticCurveTo(x, base + 4, x + 37, base - 6)
  ctx.lineTo(x + 48, rim + 16)
  ctx.fill()
  ctx.fillStyle = 'rgba(66, 22, 8, 0.42)'
  ctx.beginPath()
  ctx.moveTo(x - 48, rim + 15)
  ctx.quadraticCurveTo(x, rim + 26, x + 48, rim + 15)
  ctx.lineTo(x + 46, rim + 24)
  ctx.quadraticCurveTo(x, rim + 34, x - 46, rim + 24)
  ctx.fill()
  ctx.fillStyle = clay(56, tones)
  ctx.beginPath()
  ctx.moveTo(x - 54, rim)
  ctx.lineTo(x - 51, rim + 15)
  ctx.quadraticCurveTo(x, rim + 25, x + 51, rim + 15)
  ctx.lineTo(x + 54, rim)
  ctx.fill()
  ctx.fillStyle = '#e6a37c'
  ellipse(ctx, x, rim, 54, 8)
  ctx.fill()
  ctx.fillStyle = '#3a2418'
  ellipse(ctx, x, rim + 0.5, 48, 6.2)
  ctx.fill()
  const random = randomFrom(23)
  for (let speck = 0; speck < 70; speck++) {
    const y = lerp(rim + 18, base - 6, random())
    ctx.fillStyle = css(random() < 0.5 ? [255, 214, 186] : [88, 34, 16], 0.1 + 0.14 * random())
    ellipse(ctx, x + (random() - 0.5) * 80, y, 0.6 + 2 * random(), 0.5 + random())
    ctx.fill()
  }
})
