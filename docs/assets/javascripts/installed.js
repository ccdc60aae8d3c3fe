// A reader who has installed the package folds the sections that write it: one switch for all
// chapters, remembered in this browser.
const INSTALLED = "messagebus.installed"
const headings = "h2, h3, h4"

document$.subscribe(() => {
  const boxes = document.querySelectorAll(".tutorial-here")
  const begun = [...document.querySelectorAll(headings)].filter(each => each.id.startsWith("inside-the-bus"))
  if (boxes.length !== 1 || boxes[0].classList.contains("tutorial-own-bus") || !begun.length) return
  const rows = begun.flatMap(heading => {
    const found = []
    for (let row = heading.nextElementSibling; row && !row.matches(headings); row = row.nextElementSibling)
      found.push(row)
    return found
  })
  const box = document.createElement("input")
  box.type = "checkbox"
  box.checked = localStorage.getItem(INSTALLED) === "yes"
  const fold = () => {
    for (const row of rows) row.hidden = box.checked
    for (const heading of begun) heading.classList.toggle("tutorial-folded", box.checked)
  }
  box.addEventListener("change", () => {
    localStorage.setItem(INSTALLED, box.checked ? "yes" : "no")
    fold()
  })
  const label = document.createElement("label")
  label.className = "tutorial-installed"
  label.append(box, " I have installed the package: fold “Inside the bus”")
  boxes[0].append(label)
  fold()
})
