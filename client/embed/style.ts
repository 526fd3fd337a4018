/** The look of the player. Pages change it by `--porthole-*` and by parts. */
export const CSS = `
:host { display: block; position: relative; aspect-ratio: 16 / 9; min-width: 120px; overflow: hidden; contain: content;
  background: var(--porthole-background, #040d12); color: var(--porthole-color, #f3f8f8);
  border-radius: var(--porthole-radius, 0); font: var(--porthole-font, 400 15px/1.4 system-ui, sans-serif); }
:host([hidden]) { display: none; }
:host(:fullscreen) { border-radius: 0; aspect-ratio: auto; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.picture, .picture canvas, .poster { position: absolute; inset: 0; width: 100%; height: 100%; }
.picture canvas, .poster { object-fit: contain; display: block; }
:host([fit=cover]) :is(.picture canvas, .poster) { object-fit: cover; }
:host([fit=fill]) :is(.picture canvas, .poster) { object-fit: fill; }
.still canvas { filter: grayscale(1) brightness(.45); }
.badge { position: absolute; top: 10px; left: 10px; display: flex; align-items: center; gap: 7px; padding: 2px 10px;
  border-radius: 99px; background: rgb(3 14 19 / .66); font-size: 13px; font-weight: 560; pointer-events: none; }
.badge::before { content: ''; width: 8px; height: 8px; border-radius: 50%; background: #a9bfc4; }
.badge[data-state=live]::before { background: var(--porthole-live, #5be0ad); }
.badge[data-state=behind]::before { background: #ffb96f; }
.message { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 12px;
  padding: 16px; text-align: center; text-wrap: balance; }
.message p { margin: 0; max-width: 40ch; }
form { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; }
input { font: inherit; font-size: 16px; width: 12em; max-width: 60vw; min-height: 44px; padding: 0 12px; border: 1px solid #6d8d95;
  border-radius: 8px; background: #0e222a; color: #f3f8f8; }
button { font: inherit; display: inline-flex; align-items: center; justify-content: center; min-width: 44px; min-height: 44px; border: 0;
  border-radius: 99px; background: none; color: inherit; cursor: pointer; }
button svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; }
button:hover { background: rgb(190 235 240 / .14); }
.fill { padding: 0 20px; background: var(--porthole-accent, #e3b45b); color: var(--porthole-on-accent, #231703); font-weight: 580; }
.fill:hover { background: var(--porthole-accent, #efc573); }
.big { width: 76px; height: 76px; }
.big svg { width: 34px; height: 34px; fill: currentColor; }
:focus-visible { outline: 3px solid var(--porthole-accent, #f0c878); outline-offset: -3px; }
input:focus-visible { outline-offset: 2px; }
.controls { position: absolute; inset: auto 0 0; display: flex; align-items: center; gap: 2px; padding: 24px 8px 4px;
  background: linear-gradient(transparent, rgb(3 14 19 / .78)); transition: opacity 150ms; }
.controls span { flex: 1; min-width: 0; padding: 0 8px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 14px;
  font-variant-numeric: tabular-nums; }
.spinner { width: 34px; height: 34px; border: 4px solid rgb(227 180 91 / .25); border-top-color: #e3b45b; border-radius: 50%; animation: turn 1s linear infinite; }
@keyframes turn { to { rotate: 360deg; } }
@media (hover: hover) { :host(:not(:hover, :focus-within)) .controls { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .spinner { animation: none; } .controls { transition: none; } }
`
