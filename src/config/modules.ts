import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire, findPackageJSON, isBuiltin, type LoadFnOutput, registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Import, ModuleSource } from '../fingerprint/code.ts'
import { plainUrl } from '../util/paths.ts'

/** `src/` or `dist/`: whichever of the two is running. */
const engineUrl = new URL('../', import.meta.url).href
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const generationKey = 'lakitu'

/** Of the config that was loaded last: its functions may import more while they run. */
let hooks: ReturnType<typeof registerHooks> | undefined

/**
 * How the modules of a project are found. `lakitu` and `lakitu/kits/…` always mean the lakitu that is running, or tasks would be
 * declared with one copy and run by another. A watch loads a changed config as a new generation of all its local modules.
 */
export class ProjectModules {
  /** URLs of the local modules that were loaded, without the generation. */
  readonly loaded = new Set<string>()
  /** Where specifiers led to while the config loaded, by the URL of the module that has them. */
  private readonly led = new Map<string, Map<string, string>>()
  /** The texts of local modules by path. What counts as code and what runs is one, also where somebody edits it in between. */
  private readonly texts = new Map<string, string>()
  private readonly rootUrl: string
  private readonly generation: number

  constructor(root: string, generation: number) {
    this.rootUrl = pathToFileURL(`${root}/`).href
    this.generation = generation
  }

  /** Imports the module with everything below it. */
  async import(file: string): Promise<Readonly<Record<string, unknown>>> {
    hooks?.deregister()
    hooks = registerHooks({
      resolve: (specifier, context, next) => {
        const own = ownModule(specifier)
        if (own !== undefined && !this.isLocal(own)) return { url: own, shortCircuit: true }
        const resolved = own === undefined ? next(specifier, context) : { url: own, shortCircuit: true }
        this.remember(context.parentURL, specifier, resolved.url)
        return { ...resolved, url: this.withGeneration(resolved.url) }
      },
      load: (url, context, next) => this.keepText(url, next(url, context)),
    })
    return await import(this.withGeneration(pathToFileURL(file).href))
  }

  /** What a loaded module exports. */
  async exportsOf(url: string): Promise<Readonly<Record<string, unknown>>> {
    return await import(this.withGeneration(url))
  }

  /** For finding the code of tasks. */
  source(root: string, isData: (url: string) => boolean): Omit<ModuleSource, 'observed'> {
    return {
      root,
      read: (path) => this.textOf(path),
      resolve: (specifier, parent) => this.resolve(specifier, parent),
      asked: (url) => this.led.get(url)?.keys() ?? [],
      locate: (url) => this.locate(url),
      isData,
    }
  }

  private textOf(path: string): string {
    const text = this.texts.get(path) ?? readFileSync(path, 'utf8')
    this.texts.set(path, text)
    return text
  }

  /** What is loaded now; of a module that counted as code before it was imported, what it was then. */
  private keepText(url: string, loaded: LoadFnOutput): LoadFnOutput {
    if (!this.isLocal(url)) return loaded
    const path = fileURLToPath(plainUrl(url))
    const { source } = loaded
    const text = typeof source === 'string' || !source ? source : new TextDecoder().decode(source)
    if (text && !this.texts.has(path)) this.texts.set(path, text)
    const known = this.textOf(path)
    return text === known || !text ? loaded : { ...loaded, source: known }
  }

  private remember(parent: string | undefined, specifier: string, url: string): void {
    if (parent === undefined || !this.isLocal(parent)) return
    const module = plainUrl(parent)
    this.led.set(module, (this.led.get(module) ?? new Map<string, string>()).set(specifier, url))
  }

  private resolve(specifier: string, parent: string): Import | undefined {
    if (isBuiltin(specifier)) return undefined
    const own = ownModule(specifier)
    if (own !== undefined) return this.isKit(own) ? this.kit(own) : undefined
    const url = this.led.get(parent)?.get(specifier)
    if (url !== undefined) return this.locate(plainUrl(url))
    if (/^\.{0,2}\//.test(specifier)) return { kind: 'local', url: new URL(specifier, parent).href }
    if (specifier.startsWith('#'))
      return { kind: 'local', url: pathToFileURL(createRequire(parent).resolve(specifier)).href }
    const manifest = findPackageJSON(specifier, parent)
    if (manifest === undefined) return undefined
    // A linked package is edited like the project itself: its modules count, not its version.
    if (realpathSync(manifest).includes('/node_modules/')) return { kind: 'package', id: packageId(manifest) }
    return { kind: 'local', url: pathToFileURL(createRequire(parent).resolve(specifier)).href }
  }

  private locate(url: string): Import {
    const manifest = url.includes('/node_modules/') ? findPackageJSON(url) : undefined
    return manifest === undefined ? { kind: 'local', url } : { kind: 'package', id: packageId(manifest) }
  }

  /** Kits of a checkout are local modules of the project that they live in. */
  private kit(url: string): Import {
    if (this.isLocal(url)) return { kind: 'local', url }
    return { kind: 'package', id: packageId(fileURLToPath(new URL('../package.json', engineUrl))) }
  }

  private withGeneration(resolved: string): string {
    if (!this.isLocal(resolved)) return resolved
    const url = plainUrl(resolved)
    this.loaded.add(url)
    return this.generation === 0 ? url : `${url}?${generationKey}=${this.generation}`
  }

  /** Whether the module at a file URL is edited with the project, and not of a package or of lakitu; it may lie outside the root. */
  isLocal(url: string): boolean {
    if (!url.startsWith('file:') || url.includes('/node_modules/')) return false
    return !url.startsWith(engineUrl) || (this.isKit(url) && url.startsWith(this.rootUrl))
  }

  private isKit(url: string): boolean {
    return url.startsWith(`${engineUrl}kits/`)
  }
}

/** The file of the running lakitu that the specifier means; undefined where it means something else. */
function ownModule(specifier: string): string | undefined {
  if (specifier === 'lakitu') return `${engineUrl}index.${extension}`
  const [, kit] = /^lakitu\/kits\/([\w-]+)$/.exec(specifier) ?? []
  return kit === undefined ? undefined : `${engineUrl}kits/${kit}/index.${extension}`
}

function packageId(manifest: string): string {
  if (!existsSync(manifest)) return manifest
  const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(readFileSync(manifest, 'utf8'))
  return `${String(name)}@${String(version)}`
}
