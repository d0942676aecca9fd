/**
 * A tree of titles on a terminal, drawn anew some ten times a second. listr2 draws it and nothing more: its tasks only
 * wait until their nodes say that they are over. The only import of listr2.
 */
import { EOL } from 'node:os'
import {
  DefaultRenderer,
  ListrDefaultRendererLogLevels as Level,
  Listr,
  ListrLogger,
  type ListrTask,
  ProcessOutput,
} from 'listr2'
import type { Paint } from './color.ts'

const REDRAW_MILLISECONDS = 100

export interface Node {
  /** Asked before each drawing; the lines after the first belong below it. No lines: not shown. */
  lines(): string[]
  /** Those below it, once they are known; all at once. */
  children?(): Promise<Node[]>
  /** Resolves when it is over, after which only the mark changes; the children may go on. */
  over(): Promise<'done' | 'failed' | 'skipped'>
}

export interface LiveList {
  /** Resolves when every node is over and the list was drawn for the last time. */
  finished: Promise<void>
  /** Clears the list and gives the terminal to somebody else until `resume`. */
  suspend(): Promise<void>
  resume(): void
}

/** beforeDraw: called before the titles are asked for; final: for the last time, when there is room for all of them. */
export function openLiveList(
  out: NodeJS.WriteStream,
  nodes: Node[],
  paint: Paint,
  beforeDraw: (final: boolean) => void,
): LiveList {
  const output = new ProcessOutput(out, process.stderr)
  const shown: { task: { title?: string }; node: Node }[] = []
  let opened: (renderer: PacedRenderer) => void
  const renderer = new Promise<PacedRenderer>((resolve) => {
    opened = resolve
  })

  class PacedRenderer extends DefaultRenderer {
    // Who opens a live list has chosen it; listr2 would ask process.stdout and put its own plain renderer here.
    static override nonTTY = true
    #drawnAt = 0
    #suspended = false
    #timer: NodeJS.Timeout | undefined

    override async render(): Promise<void> {
      await super.render()
      this.#timer = setInterval(() => this.update(), REDRAW_MILLISECONDS)
      opened(this)
    }

    // Also called for every change of a task's state: those wait for the next turn.
    override update(): void {
      if (this.#suspended || Date.now() - this.#drawnAt < REDRAW_MILLISECONDS / 2) return
      this.#drawnAt = Date.now()
      this.#writeTitles(false)
      super.update()
    }

    override end(): void {
      clearInterval(this.#timer)
      this.#writeTitles(true)
      super.end()
    }

    suspend(): void {
      this.#suspended = true
      // biome-ignore lint/complexity/useLiteralKeys: private in listr2's types; it has no public way to clear the list
      this['updater'].clear()
      output.release()
    }

    resume(): void {
      output.hijack()
      this.#suspended = false
      this.update()
    }

    #writeTitles(final: boolean): void {
      beforeDraw(final)
      // Past the setter of listr2's task, which would have the list drawn for each of them.
      for (const { task, node } of shown) task.title = node.lines().join(EOL)
    }
  }

  function taskOf(node: Node): ListrTask<unknown, typeof DefaultRenderer> {
    return {
      // A task without a title never gets one; a blank one is not drawn.
      title: ' ',
      task: async (_context, task) => {
        shown.push({ task: task.task, node })
        const end = async () => {
          const result = await node.over()
          if (result === 'skipped') task.skip(node.lines().join(EOL))
          if (result === 'failed') throw new Error('failed')
        }
        if (!node.children) return end()
        const children = (await node.children()).map(taskOf)
        return task.newListr([...children, { task: end }], { concurrent: true, exitOnError: false })
      },
    }
  }

  const root = new Listr(nodes.map(taskOf), {
    concurrent: true,
    exitOnError: false,
    // Its handler would end the process at once, with the lock and the connections left as they are.
    registerSignalListeners: false,
    renderer: PacedRenderer,
    rendererOptions: {
      // What waits and what runs have their marks in the title, where they can differ.
      lazy: true,
      formatOutput: 'truncate',
      collapseSubtasks: false,
      collapseErrors: false,
      showErrorMessage: false,
      icon: {
        [Level.PENDING]: '',
        [Level.COMPLETED_WITH_FAILED_SUBTASKS]: '✖',
        [Level.FAILED_WITH_FAILED_SUBTASKS]: '✖',
      },
      color: {
        [Level.COMPLETED]: (text = '') => paint('green', text),
        [Level.FAILED]: (text = '') => paint('red', text),
        [Level.COMPLETED_WITH_FAILED_SUBTASKS]: (text = '') => paint('red', text),
        [Level.FAILED_WITH_FAILED_SUBTASKS]: (text = '') => paint('red', text),
        [Level.SKIPPED_WITH_COLLAPSE]: (text = '') => paint('yellow', text),
      },
      logger: new ListrLogger({ processOutput: output }),
    },
  })
  return {
    finished: root.run().then(() => undefined),
    suspend: async () => (await renderer).suspend(),
    resume: () => void renderer.then((one) => one.resume()),
  }
}
