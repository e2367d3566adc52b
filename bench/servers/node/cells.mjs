// Which cells of the map lie within a distance: `cells_near` of domain/geo.py, which says why.
const EARTH_RADIUS_KM = 6371.0088;
const ROWS = 720;
const ROW_DEGREES = 180 / ROWS;
const MOST_CELLS_IN_A_ROW = 1440;

const radians = (degrees) => (degrees * Math.PI) / 180;
const degrees = (angle) => (angle * 180) / Math.PI;
const within = (least, value, most) => Math.min(most, Math.max(least, value));
const rowOf = (latitude) => within(0, Math.floor((latitude + 90) / ROW_DEGREES), ROWS - 1);

export function cellsNear(latitude, longitude, radiusKm) {
  const angle = (radiusKm + 1e-6) / EARTH_RADIUS_KM;
  const south = Math.max(-90, latitude - degrees(angle));
  const north = Math.min(90, latitude + degrees(angle));
  const cells = [];
  for (let row = rowOf(south); row <= rowOf(north); row++) {
    const bottom = Math.max(south, row * ROW_DEGREES - 90);
    const top = Math.min(north, (row + 1) * ROW_DEGREES - 90);
    const halfWidth = degreesAcross(radians(latitude), angle, radians(bottom), radians(top));
    for (const column of columns(row, longitude, halfWidth + 1e-7)) {
      cells.push(row * MOST_CELLS_IN_A_ROW + column);
    }
  }
  return cells;
}

function degreesAcross(center, angle, bottom, top) {
  const touching = Math.sin(center) / Math.cos(angle);
  const widest = Math.abs(touching) < 1 ? Math.asin(touching) : (Math.sign(touching) * Math.PI) / 2;
  const at = within(bottom, widest, top);
  const across = Math.cos(center) * Math.cos(at);
  const square = Math.sin(angle / 2) ** 2 - Math.sin((at - center) / 2) ** 2;
  return square >= across ? 180 : 2 * degrees(Math.asin(Math.sqrt(Math.max(0, square / across))));
}

function columns(row, longitude, halfWidth) {
  const count = cellsIn(row);
  const first = Math.floor(((longitude - halfWidth + 180) * count) / 360);
  const last = Math.floor(((longitude + halfWidth + 180) * count) / 360);
  const found = Math.min(count, last - first + 1);
  return Array.from({ length: found }, (_, i) => (((first + i) % count) + count) % count);
}

function cellsIn(row) {
  const [bottom, top] = [row * ROW_DEGREES - 90, (row + 1) * ROW_DEGREES - 90];
  const nearest = Math.min(Math.abs(bottom), Math.abs(top));
  return Math.ceil(Number((MOST_CELLS_IN_A_ROW * Math.cos(radians(nearest))).toFixed(6)));
}
