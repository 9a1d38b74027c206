// shrink.mjs IN.png OUT.png: a screenshot with a palette of 256 colours, at the best compression.
import { readFileSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const [from, to] = process.argv.slice(2);
const png = readFileSync(from);
const parts = [];
let header;
for (let at = 8; at < png.length; ) {
  const length = png.readUInt32BE(at), type = png.toString('latin1', at + 4, at + 8), body = png.subarray(at + 8, at + 8 + length);
  if (type === 'IHDR') header = body;
  if (type === 'IDAT') parts.push(body);
  at += length + 12;
}
const width = header.readUInt32BE(0), height = header.readUInt32BE(4), bytes = header[9] === 6 ? 4 : 3;
const raw = inflateSync(Buffer.concat(parts)), line = width * bytes, pixels = Buffer.alloc(line * height);
for (let y = 0; y < height; y++) {
  const filter = raw[y * (line + 1)];
  for (let x = 0; x < line; x++) {
    const left = x >= bytes ? pixels[y * line + x - bytes] : 0, up = y ? pixels[(y - 1) * line + x] : 0;
    const corner = y && x >= bytes ? pixels[(y - 1) * line + x - bytes] : 0, p = left + up - corner;
    const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
    const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
    pixels[y * line + x] = raw[y * (line + 1) + 1 + x] + [0, left, up, (left + up) >> 1, paeth][filter];
  }
}
// colours to 5 bits a channel; the 256 most frequent stay, each other takes the nearest of them
const sums = new Map();
const key = (i) => ((pixels[i] >> 3) << 10) | ((pixels[i + 1] >> 3) << 5) | (pixels[i + 2] >> 3);
for (let i = 0; i < pixels.length; i += bytes) {
  const sum = sums.get(key(i)) ?? [0, 0, 0, 0];
  sum[0]++; sum[1] += pixels[i]; sum[2] += pixels[i + 1]; sum[3] += pixels[i + 2];
  sums.set(key(i), sum);
}
const mean = ([n, r, g, b]) => [r / n, g / n, b / n].map(Math.round);
const palette = [...sums.values()].sort((a, b) => b[0] - a[0]).slice(0, 256).map(mean);
const index = new Map();
for (const [k, sum] of sums) {
  const [r, g, b] = mean(sum);
  let best = 0, least = Infinity;
  palette.forEach(([x, y, z], n) => { const d = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2; if (d < least) [best, least] = [n, d]; });
  index.set(k, best);
}
const rows = Buffer.alloc((width + 1) * height);
for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = index.get(key(y * line + x * bytes));
const chunk = (type, body) => {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]), out = Buffer.alloc(8 + named.length);
  out.writeUInt32BE(body.length, 0); named.copy(out, 4); out.writeUInt32BE(crc32(named), 4 + named.length);
  return out;
};
const head = Buffer.from(header); head[8] = 8; head[9] = 3;
writeFileSync(to, Buffer.concat([png.subarray(0, 8), chunk('IHDR', head), chunk('PLTE', Buffer.from(palette.flat())), chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]));
