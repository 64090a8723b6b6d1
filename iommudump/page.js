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

	function within(range, address) {
		const start = BigInt(range.address);
		return address >= start && address - start < BigInt(range.length);
	}

	function hex(n) {
		return "0x" + n.toString(16);
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

	function place(address, lines) {
		const memory = data.memory;
		const ram = list(memory, "ram");
		if (ram.length)
			lines.push(hex(address) + (ram.some(function (r) {
				return within(r, address);
			}) ? " is RAM" : " is not RAM"));
		if (list(memory, "reservations").some(function (r) { return within(r, address); }))
			lines.push("It belongs to the crash kernel.");
		for (const r of list(memory, "regions"))
			if (within(r, address))
				lines.push("It lies in a reserved region (" + r.type + ") of group " + r.group + ".");
	}

	function askAddress(address) {
		const lines = [];
		if (address >> 52n)
			return [hex(address) + " is not a physical address, which has up to 52 bits. " +
				"Of an address of the kernel's own ask iommudump reach " + hex(address) + "."];
		let left = data.more;
		place(address, lines);
		for (const map of list(data, "maps")) {
			for (const r of list(map, "ranges"))
				if (within(r, address))
					lines.push(whoAll(map) + " on " + map.unit + ": " +
						(r.partly ? "perhaps, somewhere in " : "mapped, ") +
						(r.access || "no access") + ", " + r.address + "+" + r.length +
						(list(r, "kinds").length ? ", which was: " + r.kinds.join("; ") : ""));
			left = left || map.unread > 0;
		}
		for (const u of list(data, "untranslated"))
			lines.push(who(u) + (u.unit ? " on " + u.unit : "") + ": " + u.why + ", " +
				u.access + " of all memory");
		lines.push(left ? "Not all tables could be read or listed: ask iommudump reach " +
			hex(address) + "." : "Nobody else.");
		return lines;
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
		if (/^0x[0-9a-f]{1,16}$/.test(words)) {
			markAt(BigInt(words));
			show(askAddress(BigInt(words)));
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
