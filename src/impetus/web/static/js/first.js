// Before the first paint: say that scripts run, so that what only works with them may show.
document.documentElement.classList.add("js");
