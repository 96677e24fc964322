// replaced by this part's first source
