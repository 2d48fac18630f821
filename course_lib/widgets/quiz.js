export default {
  render({ model, el }) {
    const { questions } = model.get("data");
    const score = make("p", { className: "note", role: "status" }, `0 of ${questions.length} right at the first try`);
    let right = 0;
    const parts = questions.map((question, number) => {
      const why = make("p", { className: "note", role: "status" });
      let tries = 0;
      // Buttons: with radios every arrow key would already be an answer.
      const answers = question.answers.map((answer) => {
        const button = make("button", { type: "button", ariaPressed: "false", onclick: () => {
          answers.forEach((other) => { other.ariaPressed = String(other === button); });
          tries += 1;
          why.replaceChildren(make("b", { className: answer.right ? "right" : "wrong" }, answer.right ? "Right. " : "No. "), answer.why);
          if (answer.right && tries === 1) right += 1;
          score.textContent = `${right} of ${questions.length} right at the first try`;
        } }, answer.text);
        return button;
      });
      return make("fieldset", {}, make("legend", {}, `${number + 1}. ${question.text}`), make("div", { className: "answers" }, ...answers), why);
    });
    frame(model, el, ...parts, score);
  },
};
