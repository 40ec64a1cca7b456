import { encodeFrame } from "../../../zygote/client.js";
import type { ImageStream } from "./imageStream.js";

/** How often an image is asked for a sign of life. */
const pingMs = 1000;
/** Silence after which its process is looked at. Properties may keep it busy as long as they like. */
const silenceMs = 2500;

/**
 * Ends an image that somebody has made stand still: it would wait for ever, and we for it. One that
 * is merely busy is left alone.
 */
export class StallDetector {
  isStopped = false;
  readonly #image: ImageStream;
  readonly #timer: NodeJS.Timeout;
  readonly #heard = () => {
    this.#last = performance.now();
  };
  #last = performance.now();
  #looking = false;

  constructor(image: ImageStream) {
    this.#image = image;
    image.stream.stdout.on("data", this.#heard);
    this.#timer = setInterval(() => void this.#look(), pingMs);
    this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#image.stream.stdout.off("data", this.#heard);
  }

  async #look(): Promise<void> {
    const { stdin } = this.#image.stream;
    const silent = performance.now() - this.#last > silenceMs;
    // An image that is silent is sent no more pings: if it does not read they would pile up.
    if (!silent && stdin.writable) stdin.write(encodeFrame({ kind: "ping" }));
    if (!silent || this.#looking) return;
    this.#looking = true;
    try {
      if (await this.#image.isStopped()) {
        this.isStopped = true;
        this.end();
        await this.#image.kill();
      }
    } catch {
      // There is no other way in: the connection itself finds out whether it is lost.
    } finally {
      this.#looking = false;
    }
  }
}
