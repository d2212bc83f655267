throw new Error('nobody imports this');
