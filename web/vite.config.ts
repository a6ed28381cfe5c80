import { fileURLToPath } from 'node:url'
import { lingui } from '@lingui/vite-plugin'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { firstLoadGroup } from './vite/first-load.ts'
import { iconImports } from './vite/icon-imports.ts'
import { jsqrWithoutKanji } from './vite/jsqr-without-kanji.ts'
import { linguiMacros } from './vite/lingui-macros.ts'
import { precompress } from './vite/precompress.ts'
import { routerMarker } from './vite/router-marker.ts'
import { serviceWorker } from './vite/service-worker.ts'

/** Where `npm run dev` sends API calls: the address that `make run` prints. */
const gateway = process.env['GATEWAY_URL'] ?? 'http://localhost:8080'

export default defineConfig({
  plugins: [iconImports(), routerMarker(), linguiMacros(), react(), lingui({ failOnMissing: true }), tailwindcss(), serviceWorker(), precompress()],
  resolve: {
    alias: [
      { find: '@', replacement: fileURLToPath(new URL('./src', import.meta.url)) },
      // React has had this hook itself since 18.
      { find: /^use-sync-external-store\/shim$/, replacement: 'react' },
    ],
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [firstLoadGroup(fileURLToPath(new URL('./src/app/main.tsx', import.meta.url)))] },
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  worker: { format: 'es', plugins: () => [jsqrWithoutKanji()] },
  server: { proxy: { '/v1': gateway, '/.well-known': gateway } },
  test: {
    environment: 'happy-dom',
    setupFiles: ['./tests/setup.ts'],
    include: ['tests/**/*.test.{ts,tsx}'],
    css: false,
  },
})
