/* The report: nothing but the browser. */
Browser.start().catch(Browser.refuse);
