#!/usr/bin/env node
// Plain JavaScript that an old Node can read as well, so that it can say what is missing.
import { existsSync } from 'node:fs'
import module from 'node:module'

// In a checkout the sources run as they are, so that what is tried is what is there; the package ships dist/ alone.
const source = new URL('../src/cli/main.ts', import.meta.url)
const isCheckout = existsSync(source)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 22)) {
  console.error(
    `lakitu needs Node 22.22 or newer and this is ${process.versions.node}: install a newer one${isCheckout ? ', or run npm install here, which brings one for npx lakitu' : ''}.`,
  )
  process.exitCode = 3
} else {
  // Before anything else is loaded: it keeps the compiled code, and TypeScript with its types taken off.
  module.enableCompileCache()
  const { main } = await import(isCheckout ? source.href : new URL('../dist/cli/main.js', import.meta.url).href)
  await main()
}
