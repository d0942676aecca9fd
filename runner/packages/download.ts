/** Brings a package from the host that built it to the controller's store. */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { commandLine } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'
import type { ControllerStore } from './controllerStore.ts'
import { parsePackageInfo } from './package.ts'

/**
 * One exec: the checksum, the info, then the archive. True when the store has it then. A package that cannot be had is
 * no failure of anything: it can always be built.
 */
export async function downloadPackage(
  transport: Transport,
  prefix: string,
  name: string,
  store: ControllerStore,
): Promise<boolean> {
  const script = 'cd "$1/var/build-stack/packages" && cat "$2.sha256" "$2.json" && exec cat "$2.tar.gz"'
  const incoming = await store.incoming(name)
  const file = createWriteStream(incoming)
  // Told by `finished`; without a listener it would end the program.
  file.on('error', () => {})
  const head = new Head(2)
  try {
    const { code } = await transport.exec(
      `exec ${commandLine(['/bin/sh', '-c', script, 'sh', prefix, name])}`,
      {
        onStdout: (piece) => {
          const rest = head.take(piece)
          if (rest.length > 0) file.write(rest)
        },
      },
    )
    file.end()
    await finished(file)
    const [sha256 = '', text = ''] = head.lines
    const info = parsePackageInfo(text)
    if (code === 0 && !('reason' in info)) return await store.put(name, incoming, sha256, info)
  } catch {
    await new Promise<void>((resolve) => file.close(() => resolve()))
  }
  await rm(incoming, { force: true })
  return false
}

/** The first lines of a stream that goes on with bytes. */
class Head {
  readonly lines: string[] = []
  readonly #count: number
  #rest = Buffer.alloc(0)

  constructor(count: number) {
    this.#count = count
  }

  /** What belongs behind the lines. */
  take(piece: Buffer): Buffer {
    if (this.lines.length === this.#count) return piece
    let rest = Buffer.concat([this.#rest, piece])
    while (this.lines.length < this.#count) {
      const end = rest.indexOf(0x0a)
      if (end < 0) {
        this.#rest = rest
        return Buffer.alloc(0)
      }
      this.lines.push(rest.subarray(0, end).toString('utf8'))
      rest = rest.subarray(end + 1)
    }
    return rest
  }
}
