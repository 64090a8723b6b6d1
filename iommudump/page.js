// SPDX-License-Identifier: GPL-2.0-only
// The search of the page. All it says is set as text, never as markup.
"use strict";
(function () {
	const data = JSON.parse(document.getElementById("data").textContent);
	const form = document.getElementById("search");
	const input = document.getElementById("what");
	const answer = document.getElementById("answer");

	function list(o, key) {
		return o && Array.isArray(o[key]) ? o[key] : [];
	}

	// What was asked for: { start, length }. Does RANGE, whose first byte KEY tells, meet it?
	function meets(range, asked, key) {
		const start = BigInt(range[key || "address"]);
		return start < asked.start + asked.length &&
			asked.start < start + BigInt(range.length || 1);
	}

	function hex(n) {
		return "0x" + n.toString(16);
	}

	function text(asked) {
		return hex(asked.start) + (asked.length > 1n ? "+" + hex(asked.length) : "");
	}

	// " (4 MiB)", as iommudump writes it
	function size(length) {
		let n = BigInt(length), one = 1024n, unit = 0;
		while (n / one >= 1024n && unit < 5) {
			one *= 1024n;
			unit++;
		}
		if (n < 1024n)
			return "";
		return " (" + (n % one ? (Number(n * 10n / one) / 10).toFixed(1) : n / one) + " " +
			"KMGTPE"[unit] + "iB)";
	}

	// 0x…, or a number with K, M, G or T behind it; null: neither
	function number(word) {
		const m = /^(?:(0x[0-9a-f]{1,16})|([0-9]{1,15})([kmgt]))$/.exec(word);
		if (!m)
			return null;
		return m[1] ? BigInt(m[1]) : BigInt(m[2]) << BigInt(10 * (1 + "kmgt".indexOf(m[3])));
	}

	// ADDR, ADDR+LEN or FIRST-LAST, as iommudump(8) has ranges; null: none of them
	function range(words) {
		const m = /^([0-9a-fx]+[kmgt]?)(?:([+-])([0-9a-fx]+[kmgt]?))?$/.exec(words.replace(/\s/g, ""));
		const start = m && number(m[1]);
		if (start === null)
			return null;
		if (!m[2])
			return { start: start, length: 1n };
		let other = number(m[3]);
		if (other === null && m[2] === "+" && /^[0-9]{1,15}$/.test(m[3]))
			other = BigInt(m[3]);
		if (other === null || (m[2] === "-" ? other < start : other < 1n))
			return null;
		return { start: start, length: m[2] === "+" ? other : other - start + 1n };
	}

	// "0000:00:04.0 edu", as iommudump writes it
	function who(r) {
		const names = list(r, "devices").map(function (d) {
			return d.name + (d.driver ? " " + d.driver : "");
		});
		let text = names.length ? names.join(", ") : r.requester;
		if (names.length !== 1 || r.devices[0].name !== r.requester)
			text += names.length ? " (as " + r.requester + ")" : "";
		return text + (r.pasid === undefined ? "" : " pasid " + r.pasid);
	}

	function whoAll(map) {
		return list(map, "requesters").map(who).join("; ") +
			(map.more_requesters ? "; and more" : "");
	}

	function place(asked, lines) {
		const memory = data.memory;
		const ram = list(memory, "ram");
		if (ram.length)
			lines.push(text(asked) + size(asked.length) + (ram.some(function (r) {
				return meets(r, asked);
			}) ? " is RAM" : " is not RAM"));
		if (list(memory, "reservations").some(function (r) { return meets(r, asked); }))
			lines.push("It belongs to the crash kernel.");
		for (const r of list(memory, "regions"))
			if (meets(r, asked))
				lines.push("It lies in a reserved region (" + r.type + ") of group " + r.group + ".");
	}

	// Who maps it: those for certain, then those of whom the page knows too little.
	function mappings(asked) {
		const certain = [], perhaps = [];
		for (const map of list(data, "maps"))
			for (const r of list(map, "ranges"))
				if (meets(r, asked))
					(r.partly ? perhaps : certain).push(whoAll(map) + " on " + map.unit + ": " +
						(r.partly ? "perhaps, somewhere in " : "mapped, ") +
						(r.access || "no access") + ", " + r.address + "+" + r.length +
						size(r.length) +
						(list(r, "kinds").length ? ", which was: " + r.kinds.join("; ") : ""));
		return [certain, perhaps];
	}

	// The same number as an I/O address, where this page has some: faults, findings, the log.
	function ioAddresses(asked) {
		const lines = [];
		for (const f of list(data.faults, "faults"))
			if (f.address && meets(f, asked))
				lines.push("As an I/O address: a fault of " + who(f) + ", " + f.access + ": " + f.text);
		for (const f of list(data.check, "findings"))
			if (f.range && meets(f.range, asked, "iova"))
				lines.push("As an I/O address of " + list(f, "devices").map(function (d) {
					return d.name;
				}).join(", ") + ": " + f.rule + ", it leads to " + f.range.address + "+" + f.range.length);
		for (const m of list(data.story, "memory"))
			for (const r of list(m, "reached_by"))
				if (r.iova && meets({ iova: r.iova, length: 1 }, asked, "iova"))
					lines.push("As an I/O address of " + who(r) + ": it leads to " + m.address +
						", which the log names");
		return lines;
	}

	function askRange(asked) {
		const lines = [];
		if ((asked.start + asked.length - 1n) >> 52n)
			return [hex(asked.start) + " is not a physical address, which has up to 52 bits. " +
				"Of an address of the kernel's own ask iommudump reach " + text(asked) + "."];
		place(asked, lines);
		const found = mappings(asked);
		lines.push(...found[0]);
		for (const u of list(data, "untranslated"))
			lines.push(who(u) + (u.unit ? " on " + u.unit : "") + ": " + u.why + ", " +
				u.access + " of all memory");
		lines.push(...found[1]);
		const left = data.more || list(data, "maps").some(function (m) { return m.unread > 0; });
		lines.push(left ? "Not all tables could be read or listed: ask iommudump reach " +
			text(asked) + "." : "Nobody else.");
		return lines.concat(ioAddresses(asked));
	}

	// Rows that hold the words; all others stay where they are.
	function askWords(words) {
		const rows = document.querySelectorAll("tbody tr");
		const found = [];
		for (const row of rows) {
			// The row of a fold: those in it count.
			if (row.querySelector("table"))
				continue;
			const hit = row.textContent.toLowerCase().includes(words);
			row.classList.toggle("hit", hit);
			if (hit)
				found.push(row);
		}
		if (found.length) {
			for (const fold of found[0].querySelectorAll("details"))
				fold.open = true;
			for (let e = found[0].closest("details"); e; e = e.parentElement.closest("details"))
				e.open = true;
			found[0].tabIndex = -1;
			found[0].scrollIntoView({ block: "center" });
		}
		return [found.length + (found.length === 1 ? " row has “" : " rows have “") + words + "”" +
			(found.length ? ", the first is in view" : "")];
	}

	function clear() {
		for (const row of document.querySelectorAll("tr.hit"))
			row.classList.remove("hit");
		answer.textContent = "";
		for (const mark of document.querySelectorAll(".mark"))
			mark.remove();
	}

	function markAt(address) {
		for (const svg of document.querySelectorAll(".bars svg")) {
			const from = BigInt(svg.dataset.from), to = BigInt(svg.dataset.to);
			if (address < from || address >= to)
				continue;
			const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
			const x = Number((address - from) * 100000n / (to - from)) / 100;
			line.setAttribute("class", "mark");
			line.setAttribute("x1", x);
			line.setAttribute("x2", x);
			line.setAttribute("y1", 0);
			line.setAttribute("y2", 10);
			svg.append(line);
		}
	}

	function show(lines) {
		const ul = document.createElement("ul");
		for (const line of lines) {
			const li = document.createElement("li");
			li.textContent = line;
			ul.append(li);
		}
		answer.append(ul);
	}

	function ask() {
		const words = input.value.trim().toLowerCase();
		clear();
		if (!words)
			return;
		const asked = range(words);
		if (asked) {
			markAt(asked.start);
			show(askRange(asked));
		} else {
			show(askWords(words).concat(/^[0-9a-f]{4,16}$/.test(words) ?
				["Of an address ask with 0x: 0x" + words] : []));
		}
	}

	form.hidden = false;
	form.addEventListener("submit", function (event) {
		event.preventDefault();
		ask();
	});
	form.addEventListener("reset", clear);
	// As in many a page: a slash leads to the search, Escape out of it.
	document.addEventListener("keydown", function (event) {
		if (event.key === "Escape" && document.activeElement === input)
			input.blur();
		if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey ||
		    document.activeElement === input)
			return;
		event.preventDefault();
		input.focus();
		input.select();
	});
	// A click into a bar asks for the address there.
	for (const svg of document.querySelectorAll(".bars svg"))
		svg.addEventListener("click", function (event) {
			const box = svg.getBoundingClientRect();
			const part = BigInt(Math.floor((event.clientX - box.left) / box.width * 1e6));
			const from = BigInt(svg.dataset.from), to = BigInt(svg.dataset.to);
			input.value = hex(from + (to - from) * part / 1000000n);
			ask();
		});
})();
