/**
 * The packages that this machine keeps, so that what one host built another one installs: a folder with NAME.tar.gz,
 * NAME.sha256 and NAME.json for each. The checksum is verified at every use.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256OfFile } from '../sources/checksum.ts'
import { type PackageInfo, parsePackageInfo } from './package.ts'

export interface StoredPackage {
  name: string
  /** The archive. */
  path: string
  sha256: string
  /** Bytes. */
  size: number
  info: PackageInfo
}

/** A package that could be installed. */
export interface FoundPackage {
  info: PackageInfo
  /** controller: on this machine. store: in the one that controllers share. */
  at: 'controller' | 'store'
}

export class ControllerStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  has(name: string): boolean {
    return existsSync(join(this.#folder, `${name}.json`))
  }

  async names(): Promise<string[]> {
    const files = await readdir(this.#folder).catch(() => [])
    return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length))
  }

  /** What is known about it, without a look at the archive; undefined when it is not there. */
  async info(name: string): Promise<PackageInfo | undefined> {
    const text = await readFile(join(this.#folder, `${name}.json`), 'utf8').catch(() => '{}')
    const info = parsePackageInfo(text)
    return 'reason' in info ? undefined : info
  }

  /** What could be had, here or elsewhere, without a look at the archive. */
  async find(name: string): Promise<FoundPackage | undefined> {
    const info = await this.info(name)
    return info && { info, at: 'controller' }
  }

  /** Undefined when it is not there. One that is damaged is removed, and is not there. */
  async get(name: string): Promise<StoredPackage | undefined> {
    const path = join(this.#folder, `${name}.tar.gz`)
    try {
      const info = parsePackageInfo(await readFile(join(this.#folder, `${name}.json`), 'utf8'))
      const wanted = (await readFile(join(this.#folder, `${name}.sha256`), 'utf8')).trim()
      const { sha256, size } = await sha256OfFile(path)
      if (!('reason' in info) && sha256 === wanted) {
        // The last use: gc takes the oldest. Somebody else's file can be used all the same.
        await utimes(path, new Date(), new Date()).catch(() => {})
        return { name, path, sha256, size, info }
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    await this.remove(name)
    return undefined
  }

  /** A file to write the archive into before `put`. */
  async incoming(name: string): Promise<string> {
    await mkdir(this.#folder, { recursive: true })
    return join(this.#folder, `${name}.${process.pid}.next`)
  }

  /** Takes the archive from where `incoming` said. False, and nothing is kept, when it is not what the host said it is. */
  async put(name: string, incoming: string, sha256: string, info: PackageInfo): Promise<boolean> {
    const found = await sha256OfFile(incoming)
    if (found.sha256 !== sha256) {
      await rm(incoming, { force: true })
      return false
    }
    await rename(incoming, join(this.#folder, `${name}.tar.gz`))
    await writeFile(join(this.#folder, `${name}.sha256`), `${sha256}\n`)
    // Last: with it the package is there.
    await writeFile(join(this.#folder, `${name}.json.${process.pid}`), `${JSON.stringify(info)}\n`)
    await rename(join(this.#folder, `${name}.json.${process.pid}`), join(this.#folder, `${name}.json`))
    return true
  }

  async remove(name: string): Promise<void> {
    for (const ending of ['json', 'tar.gz', 'sha256'])
      await rm(join(this.#folder, `${name}.${ending}`), { force: true })
  }

  /** Bytes of each package, oldest use first. */
  async sizes(): Promise<{ name: string; size: number; usedAt: Date }[]> {
    const names = await this.names()
    const found = await Promise.all(
      names.map(async (name) => {
        const { size, mtime } = await stat(join(this.#folder, `${name}.tar.gz`))
        return { name, size, usedAt: mtime }
      }),
    )
    return found.sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime())
  }
}
