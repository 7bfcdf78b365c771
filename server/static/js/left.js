/** The page after the logout: nothing that the tab kept (conversation, name, drafts) is there for who comes next. */

sessionStorage.clear();
