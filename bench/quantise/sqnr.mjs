/** Signal over error of a quantised model's outputs of floats, all together, in dB. */
import { openReference } from "../../dist/src/verify/reference.js";

/** `model` and `quantised` are paths or bytes; `feeds` are Maps of arrays by input name. */
export async function sqnr(model, quantised, feeds) {
  const [want, got] = await Promise.all([openReference(model), openReference(quantised)]);
  let [signal, error] = [0, 0];
  for (const feed of feeds) {
    const [a, b] = [await want.run(feed), await got.run(feed)];
    for (const [name, t] of a) {
      if (!(t.data instanceof Float32Array)) continue;
      const other = b.get(name);
      for (let i = 0; i < t.data.length; i++) {
        signal += t.data[i] ** 2;
        error += (t.data[i] - other.data[i]) ** 2;
      }
    }
  }
  return 10 * Math.log10(signal / error);
}
