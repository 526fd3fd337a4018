import { stageTexts } from '../../state/stage-texts.ts'
import { appUrl } from '../../transport/base.ts'
import { type Browser, browserOf, secureAddress } from './secure.ts'
import './warning.css'

const text = stageTexts.warning
const BROWSERS: readonly Browser[] = ['chrome', 'safari', 'firefox']

/** What the browser is about to say, drawn before it says it, and where to tap. */
export function Warning() {
  const mine = browserOf(navigator.userAgent)
  return (
    <main className="join-main warning">
      <h1>{text.title}</h1>
      <p>{text.text}</p>
      <p className="warning-steps">{text.steps}</p>
      <Picture browser={mine} />
      <a className="button primary large" href={secureAddress(location.href)}>
        <span>{text.go}</span>
      </a>
      <p className="quiet">
        {text.trust} <a href={appUrl('/trust').href}>{text.trustLink}</a>
      </p>
      <details>
        <summary>{text.others}</summary>
        {BROWSERS.filter((browser) => browser !== mine).map((browser) => (
          <Picture key={browser} browser={browser} />
        ))}
      </details>
    </main>
  )
}

function Picture({ browser }: { browser: Browser }) {
  return (
    <figure className="warning-picture">
      <figcaption>
        <strong>{text.browsers[browser]}</strong>
        {text.pictures[browser]}
      </figcaption>
      <svg viewBox="0 0 320 250" role="img" aria-label={text.pictures[browser]}>
        <rect className="phone" x="1" y="1" width="318" height="248" rx="18" />
        <rect className="bar" x="16" y="14" width="288" height="28" rx="14" />
        <path className="crossed" d="M32 24v-3a5 5 0 0 1 10 0v3M29 24h16v11H29zM26 17l22 22" />
        <text className="address" x="56" y="33">
          {location.host}
        </text>
        {DRAWINGS[browser]()}
      </svg>
    </figure>
  )
}

const DRAWINGS: Record<Browser, () => React.ReactNode> = {
  chrome: () => (
    <>
      <path className="triangle" d="M36 62 58 100H14Z" transform="translate(4 0)" />
      <text className="mark" x="40" y="95">
        !
      </text>
      <text className="heading" x="18" y="126">
        {text.chrome.title}
      </text>
      <Lines y={138} />
      <Target x={18} y={164} width={104} label={text.chrome.first} n={1} />
      <Target x={18} y={206} width={250} label={text.chrome.second} n={2} link />
    </>
  ),
  safari: () => (
    <>
      <text className="heading red" x="18" y="84">
        {text.safari.title}
      </text>
      <Lines y={98} />
      <Target x={18} y={128} width={124} label={text.safari.first} n={1} />
      <Lines y={176} />
      <Target x={18} y={200} width={170} label={text.safari.second} n={2} link />
    </>
  ),
  firefox: () => (
    <>
      <path className="triangle yellow" d="M40 58 60 92H20Z" />
      <text className="mark" x="40" y="88">
        !
      </text>
      <text className="heading long" x="18" y="116">
        {text.firefox.title}
      </text>
      <Lines y={128} />
      <Target x={18} y={154} width={104} label={text.firefox.first} n={1} />
      <Target x={18} y={200} width={236} label={text.firefox.second} n={2} />
    </>
  ),
}

/** Words that nobody has to read. */
const Lines = ({ y }: { y: number }) => (
  <>
    <rect className="line" x="18" y={y} width="270" height="6" rx="3" />
    <rect className="line" x="18" y={y + 11} width="210" height="6" rx="3" />
  </>
)

/** Where to tap, and when. */
function Target({
  x,
  y,
  width,
  label,
  n,
  link = false,
}: {
  x: number
  y: number
  width: number
  label: string
  n: number
  link?: boolean
}) {
  return (
    <g>
      <rect className={link ? 'target link' : 'target'} x={x} y={y} width={width} height="32" rx="16" />
      <text className={link ? 'tap link' : 'tap'} x={x + 14} y={y + 21}>
        {label}
      </text>
      <circle className="number" cx={x + width + 4} cy={y + 4} r="12" />
      <text className="digit" x={x + width + 4} y={y + 9}>
        {n}
      </text>
    </g>
  )
}
