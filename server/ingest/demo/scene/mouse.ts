import { type Context, clamp, ellipse, lerp, randomFrom, spot, WIDTH } from './paint.ts'

/** A mouse runs along the sill: once in each visit's time, stops half way to sniff, and runs on. */
const VISIT_MS = 25_000
const RUN_MS = 1600
const SNIFF_MS = 1400
const PASS_MS = 2 * RUN_MS + SNIFF_MS
const FEET = 313

const shadow = spot(52, 12, [30, 14, 6])

export function drawMouse(ctx: Context, timeMs: number): void {
  const visit = Math.floor(timeMs / VISIT_MS)
  const random = randomFrom(visit)
  const start = 2000 + random() * (VISIT_MS - PASS_MS - 4000)
  const direction = random() < 0.5 ? 1 : -1
  const stop = lerp(0.35, 0.7, random())
  const since = timeMs - visit * VISIT_MS - start
  if (since < 0 || since > PASS_MS) return

  const first = clamp(since / RUN_MS, 0, 1)
  const second = clamp((since - RUN_MS - SNIFF_MS) / RUN_MS, 0, 1)
  // It slows down before it stops, and gathers speed when it runs on.
  const part = stop * (1 - (1 - first) ** 1.8) + (1 - stop) * second ** 1.6
  const sniffing = first === 1 && second === 0
  const x = direction > 0 ? lerp(-60, WIDTH + 60, part) : lerp(WIDTH + 60, -60, part)
  const stride = sniffing ? 0 : since / 38
  const hop = sniffing ? 0 : Math.abs(Math.sin(stride / 2)) * 3
  const nod = sniffing ? Math.sin(since / 70) * 0.06 - 0.2 : 0

  ctx.save()
  ctx.globalAlpha = 0.5
  ctx.drawImage(shadow, Math.round(x) - 26, FEET - 6)
  ctx.globalAlpha = 1
  ctx.translate(x, FEET - hop)
  ctx.scale(direction, 1)
  paintMouse(ctx, stride, nod, since)
  ctx.restore()
}

/** Looks to the right, feet at y = 0. */
function paintMouse(ctx: Context, stride: number, nod: number, since: number): void {
  ctx.lineCap = 'round'
  ctx.strokeStyle = '#d79a92'
  ctx.lineWidth = 2
  ctx.beginPath()
  ctx.moveTo(-17, -7)
  ctx.bezierCurveTo(-28, -4, -32, -16 + Math.sin(since / 150) * 4, -46, -9 + Math.sin(since / 120) * 3)
  ctx.stroke()

  ctx.strokeStyle = '#c98f88'
  ctx.lineWidth = 2.6
  for (const [at, phase] of [
    [-11, 0],
    [-7, Math.PI],
    [7, Math.PI * 0.6],
    [11, Math.PI * 1.6],
  ] as const) {
    const swing = stride === 0 ? 0 : Math.sin(stride + phase) * 4.5
    ctx.beginPath()
    ctx.moveTo(at, -5)
    ctx.lineTo(at + swing, -0.5)
    ctx.stroke()
  }

  const fur = ctx.createLinearGradient(0, -22, 0, 0)
  fur.addColorStop(0, '#a3948a')
  fur.addColorStop(0.6, '#857468')
  fur.addColorStop(1, '#d9cdc2')
  ctx.fillStyle = fur
  ctx.beginPath()
  ctx.moveTo(-19, -6)
  ctx.bezierCurveTo(-20, -21, 2, -24, 12, -14)
  ctx.bezierCurveTo(16, -6, 8, -2, 0, -2)
  ctx.bezierCurveTo(-8, -1, -17, -1, -19, -6)
  ctx.fill()

  ctx.translate(12, -11)
  ctx.rotate(nod)
  ctx.fillStyle = '#7c6b60'
  ellipse(ctx, -1, -8, 5.4, 5.8, 0.3)
  ctx.fill()
  ctx.fillStyle = fur
  ctx.beginPath()
  ctx.moveTo(-7, -6)
  ctx.bezierCurveTo(0, -11, 8, -5, 15, 1.5)
  ctx.bezierCurveTo(10, 6, -2, 8, -7, 4)
  ctx.fill()
  ctx.fillStyle = '#94847a'
  ellipse(ctx, -3, -8, 5.8, 6.4, 0.2)
  ctx.fill()
  ctx.fillStyle = '#e7aaa6'
  ellipse(ctx, -2.6, -7.6, 3.7, 4.3, 0.2)
  ctx.fill()
  ctx.fillStyle = '#1c1412'
  ellipse(ctx, 6, -1.8, 1.7, 1.9)
  ctx.fill()
  ctx.fillStyle = '#fff'
  ellipse(ctx, 6.5, -2.5, 0.6, 0.6)
  ctx.fill()
  ctx.fillStyle = '#e58d92'
  ellipse(ctx, 15, 1.6, 1.7, 1.4)
  ctx.fill()
  ctx.strokeStyle = 'rgba(255, 250, 240, 0.7)'
  ctx.lineWidth = 0.6
  ctx.beginPath()
  for (const y of [-2.5, 0.5, 3]) {
    ctx.moveTo(12, 2)
    ctx.lineTo(19 + (y === 0.5 ? 2 : 0), y + Math.sin(since / 60) * 0.6 + 1)
  }
  ctx.stroke()
}
