// The answers on the disk of this device.

/** @import {Entry} from "./protocol.js" */

const NAME = "steelyard", STORE = "answers";

export class Store {
  #factory;
  /** @type {Promise<IDBDatabase> | null} */
  #database = null;

  /** @param {() => IDBFactory} factory asked only when it is opened: some browsers refuse already to name it */
  constructor(factory) {
    this.#factory = factory;
  }

  /** Open it; rejects where this device keeps nothing. */
  ready() {
    this.#database ??= new Promise((resolve, reject) => {
      const asked = this.#factory().open(NAME, 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
    return this.#database;
  }

  /** @returns {Promise<Entry[]>} everybody's, in the order they were given */
  async everything() {
    return /** @type {Entry[]} */ (await this.#within("readonly", (entries) => entries.getAll()));
  }

  /**
   * Look and change in one transaction: what another page or a reply changes comes before it or after it.
   *
   * @param {(entries: IDBObjectStore, all: Entry[]) => void} work
   */
  async change(work) {
    await this.#within("readwrite", (entries) => {
      const asked = entries.getAll();
      asked.onsuccess = () => work(entries, asked.result);
    });
  }

  /** @param {number} id */
  async remove(id) {
    await this.#within("readwrite", (entries) => entries.delete(id));
  }

  /** @param {Entry} entry */
  async put(entry) {
    await this.#within("readwrite", (entries) => entries.put(entry));
  }

  /**
   * Browsers close connections as they like (Safari in the background); a second one is asked before anything is given up.
   *
   * @param {IDBTransactionMode} mode
   * @param {(entries: IDBObjectStore) => IDBRequest | void} work
   */
  async #within(mode, work) {
    try {
      return await this.#once(mode, work);
    } catch {
      this.#database?.then((old) => old.close()).catch(() => {});
      this.#database = null;
      return this.#once(mode, work);
    }
  }

  /**
   * @param {IDBTransactionMode} mode
   * @param {(entries: IDBObjectStore) => IDBRequest | void} work
   * @returns {Promise<unknown>}
   */
  async #once(mode, work) {
    const transaction = (await this.ready()).transaction(STORE, mode);
    const asked = work(transaction.objectStore(STORE));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
}
