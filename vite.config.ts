import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The server that `npm run dev` starts beside Vite. */
const SERVER = `http://127.0.0.1:${process.env.PORTHOLE_PORT ?? 8080}`

export default defineConfig({
  root: 'client',
  plugins: [react()],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    cssCodeSplit: false,
    // The page's content policy knows no data: addresses, and a small file costs one request on an open connection.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    strictPort: true,
    fs: { allow: [import.meta.dirname] },
    // Host and Origin stay those of Vite's page, which agree: the server's own checks pass.
    proxy: { '^/(api|ws|live|upload|healthz|readyz|metrics)(/|\\?|$)': { target: SERVER, ws: true } },
  },
})
