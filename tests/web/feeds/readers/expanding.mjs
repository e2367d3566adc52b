// Reads the calendar that stands on standard input, as ical.js does, and tells every date in it
// before the given moment: [{uid, starts, ends, title, status}].
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, until] = process.argv.slice(2);
const library = pathToFileURL(`${folder}/node_modules/ical.js/dist/ical.js`);
const { default: ICAL } = await import(library.href);

const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, 'utf8')));
for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);

const end = Date.parse(until);
const told = [];
const tell = (item, starts, ends) => told.push({
  uid: item.uid,
  starts: starts.toJSDate().toISOString(),
  ends: ends.toJSDate().toISOString(),
  title: item.summary,
  status: item.component.getFirstPropertyValue('status'),
});
const [series, differing] = [[], []];
for (const component of calendar.getAllSubcomponents('vevent')) {
  (component.hasProperty('recurrence-id') ? differing : series).push(component);
}
const uid = (component) => component.getFirstPropertyValue('uid');
for (const component of series) {
  // By itself it takes those of every series in the calendar for its own.
  const exceptions = differing.filter((each) => uid(each) === uid(component));
  const event = new ICAL.Event(component, { strictExceptions: true, exceptions });
  if (!event.isRecurring()) {
    tell(event, event.startDate, event.endDate);
    continue;
  }
  const dates = event.iterator();
  for (let date = dates.next(); date && date.toJSDate() < end; date = dates.next()) {
    const { item, startDate, endDate } = event.getOccurrenceDetails(date);
    tell(item, startDate, endDate);
  }
}
console.log(JSON.stringify(told));
