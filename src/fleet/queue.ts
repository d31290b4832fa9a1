/**
 * Tasks through Redis, by BullMQ: the one socket that Portolan opens, to the address that the user gave. Both packages are optional
 * and loaded here alone.
 */
import type { ConnectionOptions, Queue as BullQueue } from "bullmq";
import type { Redis, RedisOptions } from "ioredis";
import { fail } from "../base/diagnostic.js";

type BullMq = typeof import("bullmq");

/** A task's text in, an outcome's text out. */
export type JobQueue = BullQueue<string, string>;

export const queueName = "portolan-tasks";

/** Of a job's data and of its answer: Redis keeps both in memory. */
export const mostBytes = 16 << 20;

export interface Queue {
  readonly bullmq: BullMq;
  readonly connection: ConnectionOptions;
  /** The address without what is secret in it. */
  readonly shown: string;
}

/** How long the first connection may take, and each one after it. */
const connectMs = 4000;

/** Throws `bad-option` for no such address, `queue-package-missing`, and `queue-unreachable` within a few seconds. */
export async function openQueue(address: string): Promise<Queue> {
  const { options, shown } = parseAddress(address);
  const { bullmq, Redis } = await packages();
  const first = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let fault: Error | undefined;
  first.on("error", (error: Error) => (fault ??= error));
  try {
    await within(
      connectMs,
      first.connect().then(() => first.ping()),
    );
  } catch (error) {
    unreachable(shown, fault ?? (error as Error));
  } finally {
    first.disconnect();
  }
  return { bullmq, shown, connection: { ...options, retryStrategy: (times: number) => Math.min(times * 200, 3000) } };
}

/** Throws `queue-unreachable`. */
export function unreachable(shown: string, { message }: Error): never {
  return fail("queue-unreachable", `${shown} does not answer: ${message}`, {
    why: "What workers have answered so far is kept there, if it comes back.",
    fix: "Check the address, its user and password, and that Redis listens there (redis-cli -u ADDRESS ping).",
  });
}

/** Host, port, database, user and password of an address, and the address as it may be shown. Throws `bad-option`. */
export function parseAddress(address: string): { readonly options: RedisOptions; readonly shown: string } {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const db = /^\/?$|^\/(\d+)$/.exec(url?.pathname ?? "");
  // The address itself is not repeated: it may hold a password.
  if (!url || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "" || !db || url.search !== "")
    return fail("bad-option", "--queue takes an address as redis://host:6379/0, or rediss:// with TLS", {
      fix: "User and password stand before the host, with letters such as @ and / written as %40 and %2F.",
    });
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? 6379 : Number(url.port);
  const number = Number(db[1] ?? 0);
  return {
    shown: `${url.protocol}//${url.hostname}:${port}/${number}`,
    options: {
      ...{ host, port, db: number, connectTimeout: connectMs },
      ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
      ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
      ...(url.protocol === "rediss:" ? { tls: {} } : {}),
    },
  };
}

async function packages(): Promise<{ readonly bullmq: BullMq; readonly Redis: new (options: RedisOptions) => Redis }> {
  try {
    return { bullmq: await import("bullmq"), Redis: (await import("ioredis")).Redis };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    return fail("queue-package-missing", "--queue needs the packages bullmq and ioredis, and one of them is not installed", {
      why: "They are optional: nothing else of Portolan talks to a network.",
      fix: "npm install bullmq ioredis, beside portolan.",
    });
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
