import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build, defineConfig, type Plugin } from 'vite'
import { installTexts } from './client/state/install-texts.ts'

/** The server that `npm run dev` starts beside Vite. */
const SERVER = `http://127.0.0.1:${process.env.PORTHOLE_PORT ?? 8080}`

/**
 * Starts the players' worker in the page's first line: it loads beside the scripts, not after them. client/player/player.ts
 * takes it over. The server lets the page's own inline scripts run by their hashes.
 */
const earlyWorker: Plugin = {
  name: 'porthole-early-worker',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {}, filename }) {
      if (!filename.endsWith('/index.html')) return html
      const worker = Object.keys(bundle).find((name) => /^assets\/players-worker-[^/]*\.js$/.test(name))
      if (!worker) throw new Error("the players' worker is not in the build")
      const start = `globalThis.playersWorker = new Worker('${worker}', { type: 'module' })`
      const children = `if ('transferControlToOffscreen' in HTMLCanvasElement.prototype) ${start}`
      return html.replace('<base href="/">', (base) => `${base}\n    <script>${children}</script>`)
    },
  },
}

/** The player's page brings its own look: what the dashboard looks like is no use to it. */
const bareFrame: Plugin = {
  name: 'porthole-bare-frame',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { filename }) => (filename.endsWith('/embed.html') ? html.replace(/\s*<link rel="stylesheet"[^>]*>/g, '') : html),
  },
}

/** Files that the server sends compressed, where a browser takes them so: compressed once, here. */
const COMPRESSED = /\.(js|css|svg)$/

function compressAll(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (COMPRESSED.test(file)) writeFileSync(join(folder, `${file}.gz`), gzipSync(readFileSync(join(folder, file)), { level: 9 }))
}

/** Builds the script that other sites load, `embed.js`: one classic script of one name, with all that it needs inside. */
const widget: Plugin = {
  name: 'porthole-widget',
  apply: 'build',
  async closeBundle() {
    await build({
      configFile: false,
      root: 'client',
      logLevel: 'warn',
      build: {
        outDir: '../dist/client',
        emptyOutDir: false,
        target: 'es2022',
        lib: {
          entry: join(import.meta.dirname, 'client/embed/script.ts'),
          formats: ['iife'],
          name: 'porthole',
          fileName: () => 'embed.js',
        },
        minify: true,
      },
    })
    compressAll(join(import.meta.dirname, 'dist/client'))
  },
}

const read = (file: string) => readFileSync(new URL(`client/${file}`, import.meta.url), 'utf8')
const fill = (text: string, words: Readonly<Record<string, string>>) =>
  text.replace(/<!-- biome-ignore .*-->\n/, '').replace(/\{\{(\w+)\}\}/g, (_, name) => {
    const word = words[name]
    if (word === undefined) throw new Error(`there is no text ${name}`)
    return word
  })

/** What stands beside the page: its words, the manifest, the page for times without a server, the worker that shows it (client/install). */
const installable: Plugin = {
  name: 'porthole-installable',
  transformIndexHtml: { order: 'pre', handler: (html) => fill(html, installTexts) },
  generateBundle() {
    const emit = (fileName: string, words: Readonly<Record<string, string>> = installTexts): string => {
      const source = fill(read(`install/${fileName}`), words)
      this.emitFile({ type: 'asset', fileName, source })
      return source
    }
    const offline = emit('offline.html', { ...installTexts, mark: read('public/favicon.svg').trim() })
    emit('sw.js', { version: createHash('sha256').update(offline).digest('base64url').slice(0, 12) })
    emit('manifest.webmanifest')
  },
}

export default defineConfig({
  root: 'client',
  // Addresses relative to the page's <base>: the server may stand under a path of somebody's.
  base: './',
  plugins: [react(), earlyWorker, bareFrame, installable, widget],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    // What the licences of the packages inside ask for: their words go along.
    license: { fileName: 'licenses.md' },
    rolldownOptions: { input: ['index.html', 'embed.html', 'docs.html'].map((page) => join(import.meta.dirname, 'client', page)) },
    cssCodeSplit: false,
    // The page's content policy knows no data: addresses, and a small file costs one request on an open connection.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The viewer of the reference is one large part, which its own page alone loads; e2e/sizes.spec.ts holds the dashboard's.
    chunkSizeWarningLimit: 600,
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    strictPort: true,
    fs: { allow: [import.meta.dirname] },
    // Host and Origin stay those of Vite's page, which agree: the server's own checks pass.
    proxy: { '^/(api|ws|live|upload|share|embed|embed.js|oembed|healthz|readyz|metrics)(/|\\?|$)': { target: SERVER, ws: true } },
  },
})
