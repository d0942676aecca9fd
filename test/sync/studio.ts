/** What a test of sync works in: folders to sync, a profile, a bucket of its own on the server, and the built program. */
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Test } from 'uvu'
import type { ObjectStore } from '../../runner/s3/objectStore.ts'
import { type Outcome, Workshop } from '../e2e/workshop.ts'
import { removeTree } from '../host/trees.ts'
import { type S3Server, s3Server, withoutS3 } from '../s3/cephServer.ts'
import { unless } from '../unless.ts'

let count = 0

export class Studio {
  readonly server: S3Server
  readonly workshop: Workshop
  readonly bucket: string
  readonly store: ObjectStore
  /** What is synced. */
  readonly root: string

  private constructor(server: S3Server, bucket: string, store: ObjectStore) {
    this.server = server
    this.bucket = bucket
    this.store = store
    this.workshop = new Workshop()
    this.root = join(this.workshop.folder, 'media')
    mkdirSync(this.root)
    this.profile()
  }

  static async open(): Promise<Studio> {
    const server = await s3Server()
    count += 1
    const bucket = `studio-${process.pid}-${count}`
    return new Studio(server, bucket, await server.bucket(bucket))
  }

  /** Writes sync/media.yaml: relative paths of one root, and what is given. */
  profile(settings: object = {}, name = 'media'): void {
    const { server, bucket, root } = this
    const { endpoint, accessKeyId: access_key_id, secretAccessKey: secret_access_key } = server
    const access = { bucket, endpoint, access_key_id, secret_access_key }
    const profile = { ...access, roots: [root], relative_paths: true, ...settings }
    this.workshop.write(`sync/${name}.yaml`, JSON.stringify(profile, undefined, 2))
  }

  /** Files below the root, by their paths; a path that ends with "/" is a folder. */
  write(files: Record<string, string | Buffer>): void {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.root, path)
      mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true })
      if (!path.endsWith('/')) writeFileSync(file, content)
    }
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true })
  }

  sync(...words: string[]): Promise<Outcome> {
    return this.workshop.command('sync', 'media', ...words)
  }

  restore(...words: string[]): Promise<Outcome> {
    return this.workshop.command('restore', 'media', ...words)
  }

  async keys(prefix = ''): Promise<string[]> {
    const keys: string[] = []
    for await (const page of this.store.list(prefix)) keys.push(...page.map(({ key }) => key))
    return keys
  }

  async content(key: string): Promise<Buffer> {
    const { body } = await this.store.get(key)
    return buffer(body)
  }

  /** From now on the bucket has every version of an object. */
  async keepVersions(): Promise<void> {
    const { PutBucketVersioningCommand } = await import('@aws-sdk/client-s3')
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await this.#ask((client) =>
      client.send(new PutBucketVersioningCommand({ Bucket: this.bucket, VersioningConfiguration })),
    )
  }

  /** Keys of uploads in parts that were begun and not ended. */
  async begunUploads(): Promise<string[]> {
    const { ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3')
    const { Uploads = [] } = await this.#ask((client) =>
      client.send(new ListMultipartUploadsCommand({ Bucket: this.bucket })),
    )
    return Uploads.map(({ Key }) => Key ?? '')
  }

  async #ask<T>(request: (client: S3Client) => Promise<T>): Promise<T> {
    const { S3Client } = await import('@aws-sdk/client-s3')
    const { endpoint, accessKeyId, secretAccessKey } = this.server
    const credentials = { accessKeyId, secretAccessKey }
    const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
    try {
      return await request(client)
    } finally {
      client.destroy()
    }
  }

  close(): void {
    this.store.close()
    removeTree(this.workshop.folder)
  }
}

/** For tests of a suite: each with a bucket and a folder of its own, or skipped where there is no server. */
export function inStudios(tests: Test): (title: string, body: (studio: Studio) => Promise<void>) => void {
  const own = unless(withoutS3(), tests)
  return (title, body) =>
    own(title, async () => {
      const one = await Studio.open()
      try {
        await body(one)
      } finally {
        one.close()
      }
    })
}

/** Kind, mode, time and content of all in a folder, by path. */
export function tree(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  const walk = (path: string) => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const here = path ? `${path}/${name}` : name
      const stat = lstatSync(join(folder, here))
      const mode = (stat.mode & 0o7777).toString(8)
      const time = Math.round(stat.mtimeMs)
      if (stat.isDirectory()) {
        found[`${here}/`] = mode
        walk(here)
      } else if (stat.isSymbolicLink()) found[here] = `-> ${readlinkSync(join(folder, here))} ${time}`
      else found[here] = `${mode} ${time} ${readFileSync(join(folder, here)).toString('base64')}`
    }
  }
  walk('')
  return found
}
